/**
 * `npm run simulate`: strategies against honest participants on the real
 * contracts, profit per unit of stake with 95 % confidence intervals.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { buildContracts } from '../../contracts/build.ts'
import type { Row } from './draw.ts'

const HELP = `npm run simulate -- [options]

  --replicas N   tasks per strategy (16), four rounds each
  --seed N       another population (1)
  --out DIR      where incentives.md and incentives.svg go (docs)
`
const { values } = parseArgs({
  options: {
    replicas: { type: 'string', default: '16' }, seed: { type: 'string', default: '1' }, help: { type: 'boolean', default: false },
    out: { type: 'string', default: join(import.meta.dirname, '..', '..', 'docs') },
  },
})
if (values.help) {
  console.log(HELP)
  process.exit(0)
}

buildContracts()
const { Random } = await import('../../src/data/random.ts')
const { play } = await import('../scale/play.ts')
const { verify } = await import('../scale/verify.ts')
const { ACTORS, strategies } = await import('./strategies.ts')
const { estimate, profit } = await import('./profit.ts')
const { draw } = await import('./draw.ts')

const replicas = Number(values.replicas)
const random = new Random(Number(values.seed))
const scenarios = strategies.flatMap(strategy => Array.from({ length: replicas }, () => ({ strategy, ...strategy.plan(random) })))
const started = performance.now()
const played = await play(scenarios.map(({ plan }) => plan), ACTORS, step => console.error(step), { griefing: true })
try {
  const { balances } = await verify(played)
  const rows = strategies.map((strategy): Row => {
    const tasks = scenarios.flatMap(({ strategy: of, subjects, honest }, index) =>
      of === strategy ? [{ own: profit(played.tasks[index]!, subjects), others: strategy.side === 'creator' ? 0 : profit(played.tasks[index]!, honest) }] : [])
    return {
      name: strategy.name, side: strategy.side, what: strategy.what,
      profit: estimate(tasks.map(({ own }) => own)), honest: estimate(tasks.map(({ others }) => others)),
      difference: estimate(tasks.map(({ own, others }) => own - others)),
    }
  })
  const percent = ({ mean, half }: Row['profit']) => `${(100 * mean).toFixed(1).replace('-0.0', '0.0')} ± ${(100 * half).toFixed(1)} %`
  const { attempts, refused } = played.griefing
  const table = [
    '| strategy | what it does | profit per stake | honest | difference |', '|---|---|---:|---:|---:|',
    ...rows.map(row => `| ${row.name} | ${row.what} | ${percent(row.profit)} | ${percent(row.honest)} | ${percent(row.difference)} |`),
    `| griefing poster | posts a consensus one too low or too high, or leaves a vector out | ${refused} of ${attempts} refused | | |`,
  ].join('\n')
  const seconds = ((performance.now() - started) / 1000).toFixed(0)
  const note = `${replicas} tasks of four rounds for each strategy, ${scenarios.length} in all, on the real contracts; ${balances} balances equal to src/arena's. `
    + 'Profit is rewards less slashes over a task (about 250 tokens of bounty a round for some 3,000 of stake), per unit of stake; ± is the 95 % interval; '
    + 'honest is everybody else on the same side of the same tasks.'
  console.log(`${table}\n\n${note}\n${seconds} s.`)
  writeFileSync(join(values.out, 'incentives.svg'), draw(rows, 'Profit per unit of stake over a task of four rounds'))
  writeFileSync(join(values.out, 'incentives.md'),
    `# Incentives, simulated\n\nMade by \`npm run simulate -- --replicas ${replicas} --seed ${values.seed}\`.\n\n${note}\n\n![Profits](incentives.svg)\n\n${table}\n`)
  if (refused !== attempts) throw new Error('The contract accepted a false consensus.')
} finally {
  await played.chain.stop()
}
