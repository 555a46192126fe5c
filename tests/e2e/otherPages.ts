/** Models, chat, delegation, creating a task: what people do beside a round. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import type { Page } from 'playwright'
import { parseEther } from 'viem'
import { makeVault } from '../../src/chain/writes/makeVault.ts'
import { setSharing } from '../../src/chain/writes/setSharing.ts'
import { stake } from '../../src/chain/writes/stake.ts'
import { referencePath } from '../helpers/reference.ts'
import { addressOf, go, type World } from './world.ts'

const storiesFolder = join(import.meta.dirname, '../../public/models/stories260K')

export async function otherPages(world: World): Promise<void> {
  const { walk } = world
  const cleo = await walk.person('Cleo')
  const { page } = cleo
  await page.locator('article h2').first().waitFor()

  await models(world, page)
  await walk.step('she takes a model from another tab by its CID', async () => {
    await page.locator('article[data-model]').last().getByRole('button', { name: 'Share with peers' }).click()
    const cid = await page.locator('article[data-model] .mono').first().innerText()
    const dan = await walk.person('Dan')
    await go(dan.page, '#/models')
    await dan.page.locator('input[name=address]').fill(cid)
    await dan.page.getByRole('button', { name: 'Fetch' }).click()
    await dan.page.locator('article[data-model]').waitFor()
    await dan.context.close()
  })
  await walk.step('she talks to the league’s winner beside the base', async () => {
    await go(page, '#/task/0/league/1')
    await page.locator('tr[data-rank="1"] a', { hasText: 'chat' }).click()
    await page.locator('[data-voice^="cid:"]').waitFor()
    assert.ok(await page.locator('label', { hasText: 'found unusable' }).locator('input').isDisabled(), 'Eve’s folder, which is no adapter, is not offered')
    await page.getByText('Sampling, and an adapter').click()
    await page.locator('input[name=temperature]').fill('0')
    await page.locator('input[name=maxTokens]').fill('40')
    await page.getByText('Sampling, and an adapter').click()
    await page.locator('textarea[name=question]').fill('Who fights at the garden?')
    await page.getByRole('button', { name: 'Send' }).click()
    await page.locator('[data-voice^="cid:"] .assistant').waitFor()
    await page.getByRole('button', { name: 'Send' }).waitFor()
    const [base, adapter] = await page.locator('[data-voice] .assistant').allInnerTexts()
    console.log(`\n  base: ${JSON.stringify(base)}\n  with Ada’s adapter: ${JSON.stringify(adapter)}`)
    assert.match(adapter!, /Hear, hear!/, 'the adapter speaks like the herald')
    assert.doesNotMatch(base!, /Hear, hear!/)
    await walk.pictures(page, 'chat')
  })
  await device(world, page)
  await delegation(world, page)
  await walk.step('she creates a task; its keys survive a reload', async () => {
    const rows = Array.from({ length: 40 }, (_, i) => JSON.stringify({ instruction: `Who is number ${i}?`, output: `The lion has number ${i}.` })).join('\n')
    await go(page, '#/create')
    await page.locator('input[name=title]').fill('Count the lions')
    await page.locator('#dataset input[type=file]').setInputFiles({ name: 'rows.jsonl', mimeType: 'application/jsonl', buffer: Buffer.from(rows) })
    await page.locator('input[name=rowsPerShard]').fill('8')
    await page.locator('input[name=bounty]').fill('200')
    await walk.pictures(page, 'create')
    await page.getByRole('button', { name: 'Create the task for 300' }).click()
    await page.locator('#creator[data-keys="3"]').waitFor()
    await page.reload()
    await page.locator('#creator[data-keys="3"]').waitFor()
    await page.getByText('Count the lions').first().waitFor()
  })
  await cleo.context.close()
}

/** A folder of her own, and GGUF files where the reference data is there. */
async function models({ walk }: World, page: Page): Promise<void> {
  await walk.step('Cleo brings a model of her own and sees why another is refused', async () => {
    await go(page, '#/models')
    const files = page.locator('#bring input[type=file]').first()
    await files.setInputFiles(['config.json', 'model.safetensors', 'tokenizer.json', 'tokenizer_config.json'].map((name) => join(storiesFolder, name)))
    await page.locator('article[data-model]').waitFor()
    await page.getByText('config.json and 3 more files').waitFor()
    await files.setInputFiles({ name: 'cut.gguf', mimeType: 'application/octet-stream', buffer: Buffer.from('GGUF\x03\0\0\0') })
    await page.locator('[data-arrival="failed"]').getByRole('alert').waitFor()
    await page.getByRole('button', { name: 'Dismiss' }).click()
    const [v3, v1] = ['v3', 'v1'].map((version) => referencePath('models', 'stories260K', `stories260K-f32.${version}.gguf`))
    if (v3 && v1) {
      await files.setInputFiles(v1)
      await page.getByText('a GGUF file of version 1').waitFor()
      await page.getByRole('button', { name: 'Dismiss' }).click()
      await files.setInputFiles(v3)
      await page.locator('article[data-model="stories260K-f32.v3"]').waitFor()
    } else console.log('reference data is not here: no GGUF file is brought in')
    await walk.pictures(page, 'models')
  })
}

/** What the GPU is and does, and the search for its fastest kernels, which can be ended at any time. */
async function device({ walk }: World, page: Page): Promise<void> {
  await walk.step('she looks at her device, profiles a step, searches kernels and stops the search', async () => {
    await go(page, '#/device')
    await page.getByRole('button', { name: 'Measure peaks' }).click()
    await page.locator('[data-peak]').waitFor()
    await page.getByRole('button', { name: 'Profile a step' }).click()
    await page.locator('[data-kernels]').waitFor()
    await page.getByRole('button', { name: 'Tune again' }).click()
    await page.getByText(/Searching the fastest kernel for this GPU: \w+ product of/).waitFor()
    await page.getByText(/\d+ of \d+ kernels · .* left/).waitFor()
    await walk.pictures(page, 'device')
    await page.getByRole('button', { name: 'Cancel' }).click()
    await page.getByText('What was found so far is kept').waitFor()
  })
}

async function delegation({ walk, arena }: World, page: Page): Promise<void> {
  await walk.step('a trainer by script opens a vault; she delegates to it and takes it back', async () => {
    const operator = await arena.writer(6)
    await stake(operator, { taskId: 0n, role: 'trainer', amount: parseEther('100') })
    await makeVault(operator, { name: 'Vault of Olga', symbol: 'OLGA' })
    await setSharing(operator, { taskId: 0n, sigma: parseEther('0.4') })
    await addressOf(page)
    await page.getByRole('button', { name: 'Get 1,000 test tokens' }).click()
    await page.getByText('1,000 LANI').first().waitFor()
    await go(page, '#/task/0/delegate')
    await page.getByRole('button', { name: 'Open its vault' }).click()
    await page.locator('input[name=delegation]').fill('50')
    await page.getByRole('button', { name: 'Delegate' }).click()
    await page.locator(`[data-shares="${parseEther('50')}"]`).waitFor()
    await walk.pictures(page, 'delegate')
    await page.getByRole('button', { name: 'Withdraw' }).click()
    await page.locator('[data-shares="0"]').waitFor()
  })
}
