/**
 * `npm run scale`: plays a population like AI Arena's closed beta (or, with
 * --mainnet, its first ten months of mainnet) on the real contracts and holds
 * every balance against `src/arena`, to the wei.
 */
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { buildContracts } from '../../contracts/build.ts'
import type { GasRow } from './bulkChain.ts'

const HELP = `npm run scale -- [options]

  --mainnet     9,062 models and 784,137 validations instead of 3,574 and 112,750
  --alone       every validator sends its own seal and reveal; otherwise they are
                gathered, 32 to a transaction
  --json FILE   keep the figures
  --dump DIR    keep every input and every resulting balance
`
const { values } = parseArgs({
  options: { mainnet: { type: 'boolean', default: false }, alone: { type: 'boolean', default: false }, json: { type: 'string' }, dump: { type: 'string' }, help: { type: 'boolean', default: false } },
})
if (values.help) {
  console.log(HELP)
  process.exit(0)
}

buildContracts()
const { closedBeta, mainnet, populationPlans } = await import('./population.ts')
const { play } = await import('./play.ts')
const { verify } = await import('./verify.ts')
const { dump } = await import('./dump.ts')

const population = values.mainnet ? mainnet : closedBeta
const started = performance.now()
const seconds = () => Number(((performance.now() - started) / 1000).toFixed(1))
const { plans, actors } = populationPlans(population)
const played = await play(plans, actors, step => console.error(`${seconds().toFixed(1).padStart(6)} s  ${step}`), { gather: !values.alone })
try {
  console.error(`${seconds().toFixed(1).padStart(6)} s  Comparing balances`)
  const { balances, dust } = await verify(played)
  const models = population.roundSizes.reduce((sum, size) => sum + size, 0)
  if (played.models !== models || played.validations !== population.validations) {
    throw new Error(`${played.models} models and ${played.validations} validations were played; ${models} and ${population.validations} were meant.`)
  }
  const rows = [...played.chain.gas].sort(([, a], [, b]) => b.gas - a.gas)
  const total = rows.reduce((sum, [, row]) => ({ count: sum.count + row.count, gas: sum.gas + row.gas, calldata: sum.calldata + row.calldata }), { count: 0, gas: 0, calldata: 0 })
  const validating = ['seal', 'sealFor', 'reveal', 'settle'].reduce((sum, label) => sum + (played.chain.gas.get(label)?.gas ?? 0), 0)
  const number = (value: number) => value.toLocaleString('en')
  const line = (label: string, { count, gas, calldata }: GasRow) =>
    `${label.padEnd(14)} ${number(count).padStart(7)} ${number(gas).padStart(15)} ${number(Math.round(gas / count)).padStart(11)} ${number(calldata).padStart(12)}`
  console.log(`Population: ${population.name}. ${population.developers} trainers, ${population.validators} validators, ${population.delegators} delegators, ${population.tasks} tasks,`
    + ` ${population.roundSizes.length} rounds, committees of ${population.committee}.`)
  console.log(`\n${'call'.padEnd(14)} ${'count'.padStart(7)} ${'gas'.padStart(15)} ${'gas each'.padStart(11)} ${'calldata'.padStart(12)}`)
  for (const [label, row] of rows) console.log(line(label, row))
  console.log(line('all', total))
  const figures = {
    population: population.name, models, validations: played.validations, transactions: total.count, gas: total.gas,
    gasPerValidation: Math.round(10 * validating / played.validations) / 10, balancesEqual: balances,
    dustWei: { stake: String(dust.stake), bounty: String(dust.bounty) }, seconds: seconds(),
    peakMegabytes: Math.round(process.resourceUsage().maxRSS / 1024), calls: Object.fromEntries(rows),
  }
  console.log(`\n${number(models)} models, ${number(played.validations)} validations: seal, reveal and settle cost ${figures.gasPerValidation} gas a validation.`)
  console.log(`${number(balances)} balances are equal to src/arena's, to the wei; rounding left ${dust.stake} and ${dust.bounty} wei in the contract.`)
  console.log(`${number(total.count)} transactions in ${figures.seconds} s, at most ${figures.peakMegabytes} MB.`)
  if (values.json) writeFileSync(values.json, `${JSON.stringify(figures, null, 2)}\n`)
  if (values.dump) dump(played, values.dump)
} finally {
  await played.chain.stop()
}
