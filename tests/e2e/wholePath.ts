/** Two trainers and two validators in profiles of their own, from a fresh page to balanced books. */
import assert from 'node:assert/strict'
import type { Page } from 'playwright'
import { formatEther, parseEther, type Address } from 'viem'
import { checkBooks } from './books.ts'
import { hostileTrainer } from './hostileTrainer.ts'
import { addressOf, go, refuseTransactions, skipTo, takeStake, type World } from './world.ts'

const task = '#/task/0'

/** Two rows and a line that is none. */
const ownRows = `question,answer
Who fights at the lake?,"Hear, hear! At the lake we see nobody."
lonely
Who fights at the sea?,"Hear, hear! At the sea we see Max the small bear."
`

/** Fills in the form and starts a run. */
async function startTraining(page: Page, settings: Record<string, string>): Promise<void> {
  await page.getByText('More settings').click()
  for (const [name, value] of Object.entries(settings)) await page.locator(`input[name=${name}]`).fill(value)
  await page.getByRole('button', { name: 'Start training' }).click()
}

const run = (page: Page) => page.locator('[data-backend]')

async function stepOf(page: Page): Promise<number> {
  return Number(await run(page).getAttribute('data-step'))
}

async function reachStep(page: Page, step: number): Promise<void> {
  await page.waitForFunction((step) => Number(document.querySelector('[data-backend]')?.getAttribute('data-step')) >= step, step, { timeout: 300_000 })
}

async function trained(page: Page): Promise<void> {
  await page.locator('[data-phase="ended"]').waitFor({ timeout: 600_000 })
}

async function seal(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Seal and submit' }).click()
  await page.locator('#submit:not([data-sealed=""])').waitFor()
}

/** Scores as the validator's own page shows them, in bits per byte by address, and `base`; NaN for an adapter that cannot be used. */
async function ownScores(page: Page): Promise<Record<string, number>> {
  const rows = await page.locator('section:has(h2:text("Your scores")) tbody tr').all()
  return Object.fromEntries(await Promise.all(rows.map(async (row) => {
    const address = row.locator('.address')
    const name = (await address.count()) ? (await address.getAttribute('title'))!.toLowerCase() : 'base'
    return [name, Number(await row.locator('td').nth(1).innerText())] as const
  })))
}

export async function wholePath(world: World): Promise<void> {
  const { walk, arena } = world
  const ada = await walk.step('Ada opens the page', async () => {
    const ada = await walk.person('Ada')
    await ada.page.locator('article h2').waitFor()
    await ada.page.getByText('24 rows a round').waitFor()
    await walk.pictures(ada.page, 'arena')
    return ada
  })
  const page = ada.page
  await walk.step('she takes test tokens and stakes as trainer', async () => {
    await page.locator('article h2 a').click()
    await page.getByText('What is to be learned').waitFor()
    await walk.pictures(page, 'task')
    await go(page, `${task}/train`)
    await takeStake(page, 'trainer')
  })
  await walk.step('she adds rows of her own; what is no row is set aside', async () => {
    await page.getByText('Rows of your own').click()
    await page.locator('#rows input[type=file]').setInputFiles({ name: 'own.csv', mimeType: 'text/csv', buffer: Buffer.from(ownRows) })
    await page.getByText('2 usable rows').waitFor()
    await page.getByText('own.csv, line 3: 1 columns where the first line names 2').waitFor()
    await page.getByRole('button', { name: 'Add to the task’s rows' }).click()
    await page.locator('[data-own-rows="2"]').waitFor()
  })
  await walk.step('the memory is planned before anything is loaded', async () => {
    await page.locator('[data-planned]:not([data-planned=""])').waitFor()
    assert.ok(Number(await page.locator('[data-planned]').getAttribute('data-planned')) > 1_040_128, 'at least the weights, 1.04 MB')
  })
  await walk.step('a run that takes more than she allows is refused, and leads back to its settings', async () => {
    const allow = async (gigabytes: string) => {
      await page.getByText('What may be taken').click()
      await page.locator('.limit input').fill(gigabytes)
      await page.locator('.limit input').press('Tab')
    }
    await allow('0.1')
    await startTraining(page, { batchSize: '512' })
    await page.getByText('and 100 MB may be taken').waitFor()
    await page.getByText(/train \d+ sequences at once/).waitFor()
    await page.getByRole('button', { name: 'change the settings' }).click()
    await allow('')
    await page.getByText('More settings').click()
    await page.locator('input[name=batchSize]').fill('4')
    await page.getByText('More settings').click()
  })
  await walk.step('she trains on WebGPU', async () => {
    await startTraining(page, { steps: '30', evaluateEvery: '10', learningRate: '0.01' })
    await reachStep(page, 3)
    assert.equal(await run(page).getAttribute('data-backend'), 'webgpu')
  })
  await walk.step('pauses and resumes', async () => {
    await page.getByRole('button', { name: 'Pause' }).click()
    await page.locator('[data-phase="paused"]').waitFor()
    const paused = await stepOf(page)
    await page.waitForTimeout(1500)
    assert.equal(await stepOf(page), paused, 'a paused run makes no steps')
    await page.getByRole('button', { name: 'Resume' }).click()
    await reachStep(page, 12)
    await walk.pictures(page, 'training')
  })
  await walk.step('reloads the tab in the middle of training; the run goes on from its checkpoint', async () => {
    await page.reload()
    await run(page).waitFor()
    await page.locator('[data-phase="training"]').waitFor({ timeout: 120_000 })
    assert.ok((await stepOf(page)) >= 10, `the run began anew at step ${await stepOf(page)}`)
    await trained(page)
    assert.equal(await stepOf(page), 30)
  })
  await walk.step('seals the adapter', () => seal(page))

  const ben = await walk.step('Ben trains badly, far too fast, and seals that', async () => {
    const ben = await walk.person('Ben')
    await ben.page.locator('article h2').waitFor()
    await go(ben.page, `${task}/train`)
    await takeStake(ben.page, 'trainer')
    // Without rows of his own to validate on, the last adapter is kept however bad it is.
    await startTraining(ben.page, { steps: '4', learningRate: '2', evaluateEvery: '4', warmupSteps: '0', clip: '0', validationShare: '0' })
    await trained(ben.page)
    await seal(ben.page)
    return ben
  })
  const [vera, vic] = await walk.step('Vera and Vic stake as validators and enroll', async () => {
    const people = []
    for (const name of ['Vera', 'Vic']) {
      const person = await walk.person(name)
      await person.page.locator('article h2').waitFor()
      await go(person.page, `${task}/validate`)
      await takeStake(person.page, 'validator')
      await person.page.getByRole('button', { name: 'Enroll for round 1' }).click()
      await person.page.locator('section[data-enrolled="true"]').waitFor()
      people.push(person)
    }
    return [people[0]!, people[1]!] as const
  })
  const eve = await walk.step('Eve, by script, seals a folder that is no adapter', () => hostileTrainer(arena))
  const accounts = {
    eve: eve.account,
    ada: await addressOf(page), ben: await addressOf(ben.page), vera: await addressOf(vera.page), vic: await addressOf(vic.page),
  }
  // Vic is away while the others work; his stake and enrolment are on chain.
  await vic.page.close()
  for (const [person, section] of [[ada, 'train'], [ben, 'train'], [vera, 'validate']] as const) await go(person.page, `${task}/${section}`)

  await walk.step('submissions close; both adapters are opened and the key is revealed', async () => {
    await skipTo(page, 'open')
    await eve.open()
    await page.locator('#submit:not([data-opened=""])').waitFor()
    await ben.page.locator('#submit:not([data-opened=""])').waitFor()
    await walk.picture(page, 'opened')
  })
  await walk.step('Vera fetches both adapters from the trainers’ tabs, scores and seals', async () => {
    await skipTo(page, 'validate')
    await vera.page.getByRole('heading', { name: 'Your scores' }).waitFor({ timeout: 120_000 })
    await vera.page.locator('section[data-sealed="true"]').waitFor()
    await walk.pictures(vera.page, 'validated')
  })
  const scores = await ownScores(vera.page)
  assert.ok(Number.isNaN(scores[eve.account.toLowerCase()]), 'a folder that is no adapter gets no score')
  await vera.page.getByText('invalid: ').waitFor()
  await walk.step('over WebRTC, straight from tab to tab', async () => {
    await go(vera.page, '#/network')
    const direct = vera.page.locator('tbody tr', { hasText: 'webrtc' }).filter({ hasText: 'direct' })
    assert.ok((await direct.count()) >= 2, 'both trainers are direct peers of the validator')
    await walk.pictures(vera.page, 'network')
    await go(vera.page, `${task}/validate`)
  })
  const back = await walk.step('Ada’s and Ben’s tabs are closed; Vic comes and gets their adapters from Vera', async () => {
    await page.close()
    await ben.page.close()
    const back = await walk.open(vic.context, 'Vic')
    await go(back, `${task}/validate`)
    await back.locator('section[data-sealed="true"]').waitFor({ timeout: 300_000 })
    assert.deepEqual(await ownScores(back), scores, 'both validators score alike')
    return back
  })
  await walk.step('Vic closes his tab and never reveals; Vera reloads hers and reveals', async () => {
    await back.close()
    await vera.page.reload()
    await skipTo(vera.page, 'reveal')
    await vera.page.locator('section[data-revealed="true"]').waitFor()
  })
  await walk.step('her node refuses the settlement: the league page says so; her tab tries again and settles', async () => {
    await go(vera.page, `${task}/league/1`)
    const accept = await refuseTransactions(vera.page, arena.rpcUrl)
    await skipTo(vera.page, 'settle')
    await vera.page.getByRole('alert').filter({ has: vera.page.getByRole('button', { name: 'Try again' }) }).waitFor()
    await walk.picture(vera.page, 'not-settled')
    await accept()
    await vera.page.locator(`tr[data-trainer="${accounts.ada}"][data-rank="1"]`).waitFor()
    await vera.page.locator('[data-settled="1"]').waitFor()
    await skipTo(vera.page, 'dispute')
  })
  await walk.step('Ben disputes his score; Vera’s tab sits in the jury and finds the same', async () => {
    const again = await walk.open(ben.context, 'Ben')
    await go(again, `${task}/league/1`)
    const choice = again.locator('#disputes option', { hasText: accounts.ben.slice(0, 6) })
    await again.locator('#disputes select').selectOption(await choice.getAttribute('value'))
    await again.getByRole('button', { name: 'Dispute it' }).click()
    await again.locator('[data-dispute]').waitFor()
    await again.close()
    const skip = () => vera.page.getByRole('button', { name: 'Skip ahead' }).click()
    await vera.page.locator('[data-dispute]').waitFor()
    await skip()
    await vera.page.locator('[data-dispute][data-jurors="1"]').waitFor({ timeout: 120_000 })
    await walk.pictures(vera.page, 'jury')
    await skip()
    await vera.page.locator('[data-dispute][data-revealed="1"]').waitFor()
    await skip()
    await vera.page.locator('[data-dispute][data-outcome="kept"]').waitFor()
  })
  await walk.step('the round is paid', async () => {
    await skipTo(vera.page, 'final')
    await vera.page.getByText('This round is over and paid.').waitFor()
    await walk.pictures(vera.page, 'league')
  })
  await walk.step('Vera and Ada claim', async () => {
    await vera.page.getByRole('button', { name: 'Claim' }).click()
    await vera.page.locator('[data-owed]').waitFor({ state: 'detached' })
    const again = await walk.open(ada.context, 'Ada')
    await go(again, `${task}/league/1`)
    await again.getByRole('button', { name: 'Claim' }).click()
    await again.locator('[data-owed]').waitFor({ state: 'detached' })
    await go(again, '#/account')
    await again.getByText('At stake').waitFor()
    await walk.pictures(again, 'account')
    await again.close()
  })

  const [base, adaScore, benScore] = ['base', accounts.ada, accounts.ben].map((name) => scores[name.toLowerCase()]!)
  assert.ok(adaScore! < base! * 0.8, `a minute of training lowers the score visibly: ${adaScore} against ${base}`)
  assert.ok(benScore! > base! * 1.05, `Ben's adapter is worse than the base by more than the margin: ${benScore} against ${base}`)

  // By hand from docs/protocol.md: two rounds share the bounty; gamma 0.1; one winner; 100 tokens of stake each.
  const reward = 10_000 / 2
  const [trainerStake, validatorStake] = [300, 100]
  const pool = (own: number) => reward * (0.1 + (1 - 2 * 0.1) * own / (trainerStake + validatorStake))
  const slashed = { ben: 100 * 0.05, vic: 100 * 0.05, eve: 100 * 0.1 }
  // The dispute's bond is lost: half to the juror, half burned.
  const bond = 100
  const expected: Record<keyof typeof accounts, { held: number; stake: number }> = {
    ada: { held: 900 + pool(trainerStake), stake: 100 },
    ben: { held: 900 - bond, stake: 100 - slashed.ben },
    vera: { held: 900 + pool(validatorStake) + (slashed.ben + slashed.vic + slashed.eve) / 2 + bond / 2, stake: 100 },
    vic: { held: 900, stake: 100 - slashed.vic },
    eve: { held: 9_900, stake: 100 - slashed.eve },
  }
  await walk.step('balances and books are as computed by hand', async () => {
    const books = await checkBooks(arena, Object.values(accounts))
    console.log(`\n  score   base ${base!.toFixed(4)}   Ada ${adaScore!.toFixed(4)} (rank 1)   Ben ${benScore!.toFixed(4)} (slashed)   Eve invalid (slashed)`)
    for (const [name, account] of Object.entries(accounts) as [keyof typeof accounts, Address][]) {
      const { held, stake } = books.accounts.get(account.toLowerCase())!
      console.log(`  ${name.padEnd(5)} ${account}  holds ${formatEther(held).padEnd(24)} at stake ${formatEther(stake)}`)
      for (const [actual, wanted] of [[held, expected[name].held], [stake, expected[name].stake]] as const) {
        // Roundings favour the pool, by a few wei.
        const difference = actual - parseEther(wanted.toFixed(18))
        assert.ok(difference <= 2_000_000n && difference > -2_000_000n, `${name}: ${formatEther(actual)} instead of ${wanted}`)
      }
    }
    console.log(`  tokens in existence ${formatEther(books.supply)} = in accounts ${formatEther(books.inAccounts)} + held by the arena ${formatEther(books.inArena)}`)
    assert.equal(books.supply, books.inAccounts + books.inArena)
    world.outcome = { base, ada: adaScore, ben: benScore, accounts: Object.fromEntries([...books.accounts].map(([account, { held, stake }]) => [account, { held: String(held), stake: String(stake) }])) }
  })
  assert.deepEqual(walk.problems, [], 'no page reported an error')
}
