/** What can go wrong: each time the page says what happened and what to do. */
import assert from 'node:assert/strict'
import { servePage } from '../../devnet/serve.ts'
import { launchChromium } from '../../tools/chromium.ts'
import { Walk } from './walk.ts'
import { go, skipTo, takeStake, type World } from './world.ts'

export async function failures(world: World): Promise<void> {
  const { walk, arena } = world
  await withoutWebGpu(world)
  const person = await walk.person('Zoe')
  const { page } = person
  await page.locator('article h2').first().waitFor()

  await walk.step('no such task', async () => {
    await go(page, '#/task/99')
    await page.getByText('There is no task 99.').waitFor()
    await page.getByText('Choose one from the list of tasks.').waitFor()
  })
  await walk.step('too small a stake', async () => {
    await go(page, '#/task/0/validate')
    await page.getByRole('button', { name: 'Get 1,000 test tokens' }).click()
    await page.locator('input[name=stake]').fill('50')
    await page.getByText('The minimum is 100.').waitFor()
    assert.ok(await page.getByRole('button', { name: 'Stake as validator' }).isDisabled())
    await page.locator('input[name=stake]').fill('5000')
    await page.getByText('That is more than the account holds.').waitFor()
  })
  await walk.step('the key is not revealed: the round is void', async () => {
    await go(page, '#/task/0/league/2')
    for (const phase of ['open', 'void']) await skipTo(page, phase)
    await page.getByText('This round is void: it could not be judged. Stakes are untouched.').waitFor()
    await walk.picture(page, 'void')
  })
  await walk.step('no relay: the network page says so, and goes on trying', async () => {
    await arena.relay.stop()
    await go(page, '#/network')
    await page.getByText('unreachable').first().waitFor({ timeout: 60_000 })
    await page.getByText('It is tried again by itself.').first().waitFor()
    await walk.picture(page, 'no-relay')
  })
  await walk.step('nobody holds the task’s description', async () => {
    const stranger = await walk.person('Yan')
    await go(stranger.page, '#/task/0/train')
    await stranger.page.getByText('Check that a relay is reachable, then try again').waitFor()
    await walk.picture(stranger.page, 'not-found')
    await stranger.context.close()
  })
  await walk.step('the chain’s node is down', async () => {
    const dead = await servePage({ rpcUrl: 'http://127.0.0.1:9', deployment: arena.deployment })
    const context = await page.context().browser()!.newContext()
    const tab = await context.newPage()
    await tab.goto(dead.url)
    await tab.getByText('does not answer').waitFor()
    await tab.getByText('set another RPC address').waitFor()
    await walk.picture(tab, 'rpc-down')
    await context.close()
    await dead.stop()
  })
}

/** A browser without WebGPU trains on WebAssembly and says why. */
async function withoutWebGpu(world: World): Promise<void> {
  const browser = await launchChromium({ webGpu: false })
  try {
    const walk = new Walk(browser, world.url, world.walk.folder)
    await world.walk.step('no WebGPU: training falls back to WebAssembly and says so', async () => {
      const { page } = await walk.person('Wim')
      await page.locator('article h2').first().waitFor()
      await go(page, '#/task/0/train')
      await takeStake(page, 'trainer')
      await page.getByRole('button', { name: 'Start training' }).click()
      await page.locator('[data-backend="wasm"]').waitFor()
      await page.getByText('WebGPU cannot be used here').waitFor()
      await world.walk.picture(page, 'no-webgpu')
    })
  } finally {
    await browser.close()
  }
}
