/**
 * `npm run simulate`: strategies against honest participants on the real contracts, profit per unit of stake with 95 %
 * confidence intervals; then, on paper, what every rule does by itself. Tables go into the documents' marked blocks.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { buildContracts } from '../../contracts/build.ts'
import type { Row } from './draw.ts'
import type { Scenario } from './strategies.ts'

const HELP = `npm run simulate -- [options]

  --replicas N   tasks per strategy on the contracts (16), four rounds each; 0 plays them on paper
  --sweep N      tasks per strategy and value of a parameter, on paper (100)
  --seed N       another population (1)
  --out DIR      where incentives.md and the drawings go (docs)
`
const { values } = parseArgs({
  options: {
    replicas: { type: 'string', default: '16' }, sweep: { type: 'string', default: '100' }, seed: { type: 'string', default: '1' },
    help: { type: 'boolean', default: false }, out: { type: 'string', default: join(import.meta.dirname, '..', '..', 'docs') },
  },
})
if (values.help) {
  console.log(HELP)
  process.exit(0)
}
const [replicas, swept, seed] = [values.replicas, values.sweep, values.seed].map(text => {
  const number = Number(text)
  if (!Number.isInteger(number) || number < 0) throw new Error(`${text} is no whole number.\n\n${HELP}`)
  return number
}) as [number, number, number]

buildContracts()
const { Random } = await import('../../src/data/random.ts')
const { play } = await import('../scale/play.ts')
const { verify } = await import('../scale/verify.ts')
const { ACTORS, strategies } = await import('./strategies.ts')
const { estimate, percent, profit } = await import('./profit.ts')
const { draw } = await import('./draw.ts')
const { fillBlock, table } = await import('./document.ts')

const page = join(values.out, 'incentives.md')
if (replicas > 0) await onContracts()
if (swept > 0) await onPaper()

type Scenarios = ({ strategy: (typeof strategies)[number] } & Scenario)[]

function scenariosOf(count: number, random: InstanceType<typeof Random>): Scenarios {
  return strategies.flatMap(strategy => Array.from({ length: count }, () => ({ strategy, ...strategy.plan(random) })))
}

/** Every strategy's profits in the tasks that it was played in, and what is drawn of them. */
function rowsOf(scenarios: Scenarios, tasks: readonly Parameters<typeof profit>[0][]): Row[] {
  return strategies.map((strategy): Row => {
    const profits = scenarios.flatMap(({ strategy: of, subjects, honest }, index) =>
      of === strategy ? [{ own: profit(tasks[index]!, subjects), others: strategy.side === 'creator' ? 0 : profit(tasks[index]!, honest) }] : [])
    return {
      name: strategy.name, side: strategy.side, what: strategy.what,
      profit: estimate(profits.map(({ own }) => own)), honest: estimate(profits.map(({ others }) => others)),
      difference: estimate(profits.map(({ own, others }) => own - others)),
    }
  })
}

function writeStrategies(rows: readonly Row[], note: string, more: string[][] = []): void {
  const results = table(['strategy', 'profit per stake', 'honest', 'difference', 'what it does'],
    [...rows.map(row => [row.name, percent(row.profit), percent(row.honest), percent(row.difference), row.what]), ...more])
  console.log(`${results}\n\n${note}`)
  writeFileSync(join(values.out, 'incentives.svg'), draw(rows, 'Profit per unit of stake over a task of four rounds'))
  fillBlock(page, 'strategies', `${note}\n\n![Profits](incentives.svg)\n\n${results}`)
}

async function onContracts(): Promise<void> {
  const scenarios = scenariosOf(replicas, new Random(seed))
  const started = performance.now()
  const played = await play(scenarios.map(({ plan }) => plan), ACTORS, step => console.error(step), { griefing: true })
  try {
    const { balances } = await verify(played)
    const { attempts, refused } = played.griefing
    writeStrategies(rowsOf(scenarios, played.tasks), `Made by \`npm run simulate -- --replicas ${replicas} --seed ${seed}\`: ${replicas} tasks of four rounds for each strategy, `
      + `${scenarios.length} in all, on the real contracts; ${balances} balances equal to src/arena's.`,
    [['griefing poster', `${refused} of ${attempts} refused`, '', '', 'posts a consensus one too low or too high, or leaves a vector out']])
    console.log(`${((performance.now() - started) / 1000).toFixed(0)} s.`)
    if (refused !== attempts) throw new Error('The contract accepted a false consensus.')
  } finally {
    await played.chain.stop()
  }
}

async function onPaper(): Promise<void> {
  const { paperAddresses, playOnPaper } = await import('./paper.ts')
  const { sweep } = await import('./sweep.ts')
  const { drawSweep, sweepTables } = await import('./sweepTable.ts')
  const { copying, creatorTakes } = await import('./whatIf.ts')
  const { copyingTable, creatorTable } = await import('./whatIfTable.ts')
  const started = performance.now()
  const addresses = paperAddresses(ACTORS)
  if (replicas === 0) {
    const scenarios = scenariosOf(swept, new Random(seed))
    writeStrategies(rowsOf(scenarios, scenarios.map(({ plan }) => playOnPaper(plan, addresses))),
      `Made by \`npm run simulate -- --replicas 0 --sweep ${swept} --seed ${seed}\`: ${swept} tasks of four rounds for each strategy, by src/arena alone. `
      + 'Without `--replicas 0` the same is played on the real contracts, and every balance compared.')
  }
  const parameters = sweep(swept, seed, addresses)
  const note = `Made by \`npm run simulate -- --replicas 0 --sweep ${swept} --seed ${seed}\`, on paper: ${swept} tasks for each strategy and value, the same populations for all.`
  const blocks = {
    sweep: `${note} Profits per unit of stake over a task, or their difference to others'.\n\n![Profits by parameter](sweep.svg)\n\n${sweepTables(parameters)}`,
    copying: copyingTable(copying(swept, seed, addresses)),
    creator: creatorTable(creatorTakes(swept, seed, addresses)),
  }
  for (const [name, content] of Object.entries(blocks)) {
    console.log(`\n${content}`)
    fillBlock(page, name, content)
  }
  console.log(`\n${((performance.now() - started) / 1000).toFixed(0)} s.`)
  writeFileSync(join(values.out, 'sweep.svg'), drawSweep(parameters))
}
