/**
 * `npm run bench -- league`: the closed beta is played on a local chain, and
 * Chromium makes its league tables of it: first with nothing but the chain's
 * address, then after a reload.
 */
import { join } from 'node:path'
import { buildContracts } from '../../../contracts/build.ts'
import { launchChromium } from '../../../tools/chromium.ts'
import { servePage } from '../../helpers/servePage.ts'
import type { Played } from '../../scale/played.ts'
import type { LeagueTimes, PlainRow } from './page.ts'

export interface LeagueReport {
  validations: number
  models: number
  events: number
  /** Empty database: all events read from the node, folded, kept, all tables computed. */
  cold: { milliseconds: number; syncMilliseconds: number }
  /** After a reload: tables as kept, then in step with the chain; medians over the reloads. */
  warm: { milliseconds: number; sinceNavigation: number; inStepMilliseconds: number }
  /** Bytes that the browser says it stores. */
  storedBytes: number
}

const RELOADS = 5

/** @throws Error when a table is not what `src/arena` makes of the same round. */
export async function benchLeague(onStep: (step: string) => void): Promise<LeagueReport> {
  buildContracts()
  const { closedBeta, populationPlans } = await import('../../scale/population.ts')
  const { play } = await import('../../scale/play.ts')
  const { plans, actors } = populationPlans(closedBeta)
  const played = await play(plans, actors, onStep, { gather: true, keepLogs: true })
  const site = await servePage(join(import.meta.dirname, 'page.html'), () => false)
  const browser = await launchChromium({ webGpu: false })
  try {
    const page = await (await browser.newContext()).newPage()
    page.on('pageerror', error => { console.error(`page: ${error.message}`) })
    page.setDefaultTimeout(0)
    const open = async () => {
      await page.goto(site.url)
      await page.waitForFunction(() => 'league' in globalThis)
    }
    const ask = { url: played.chain.url, deployment: played.deployment }
    const read = () => page.evaluate(({ url, deployment }) => globalThis.league.read(url, deployment), ask)
    await open()
    onStep('Chromium, nothing stored')
    const cold = await read()
    check(cold.rows, played)
    const warm: LeagueTimes[] = []
    const inStep: number[] = []
    for (let reload = 0; reload < RELOADS; reload++) {
      onStep('Chromium, reloaded')
      await open()
      const kept = await page.evaluate(({ url, deployment }) => globalThis.league.kept(url, deployment), ask)
      check(kept.rows, played)
      warm.push(kept)
      inStep.push((await read()).milliseconds)
    }
    const storedBytes = await page.evaluate(async () => (await navigator.storage.estimate()).usage ?? 0)
    return {
      validations: cold.validations, models: cold.rows.length, events: cold.events,
      cold: { milliseconds: cold.milliseconds, syncMilliseconds: cold.syncMilliseconds },
      warm: {
        milliseconds: median(warm.map(({ milliseconds }) => milliseconds)), sinceNavigation: median(warm.map(({ sinceNavigation }) => sinceNavigation)),
        inStepMilliseconds: median(inStep),
      },
      storedBytes,
    }
  } finally {
    await browser.close()
    await site.close()
    await played.chain.stop()
  }
}

/** Every trainer's rank, reward and slash of every round, against `src/arena`'s own outcome of it. */
function check(rows: PlainRow[], { tasks }: Played): void {
  const found = new Map(rows.map(row => [`${row.task}:${row.round}:${row.trainer}`, row]))
  let compared = 0
  for (const { taskId, ledger, rounds } of tasks) {
    rounds.forEach(({ opened, outcome }, round) => {
      opened.forEach(({ actor }, index) => {
        const trainer = ledger.addressOf(actor)
        const row = found.get(`${taskId}:${round}:${trainer}`)
        const place = outcome!.winners.indexOf(index)
        const reward = outcome!.payments.find(({ account, role }) => account === trainer && role === 'trainer')?.amount ?? 0n
        const slashed = outcome!.slashes.find(({ account }) => account === trainer)?.amount ?? 0n
        const expected = `${place < 0 ? null : place + 1} ${reward} ${slashed}`
        const actual = row && `${row.rank} ${row.reward} ${row.slashed}`
        if (actual !== expected) throw new Error(`Task ${taskId}, round ${round + 1}, ${trainer}: the table has "${actual}", src/arena "${expected}".`)
        compared++
      })
    })
  }
  if (compared !== rows.length) throw new Error(`The table has ${rows.length} rows; ${compared} submissions were judged.`)
}

const median = (values: number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!
