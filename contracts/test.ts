/**
 * `npm test`'s contract part: builds, then runs forge's unit, fuzz and invariant tests; arguments go to `forge test`.
 * A run of all tests also holds the gas measured against contracts/snapshots.
 *
 *   npm run forge -- --update-gas   takes the measured gas into the repository
 *   npm run forge -- --long         a million random calls instead (contracts/test/Solvency.t.sol), and what became of them
 */
import { randomBytes } from 'node:crypto'
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { buildContracts } from './build.ts'
import { forge, root } from './tools/forge.ts'
import { gasChanges, readGas, writeGas } from './tools/gasSnapshots.ts'
import { demandWalks, readWalks } from './tools/walks.ts'

const LONG_CALLS = 1_000_000
/** Relative to the checkout; foundry.toml lets the tests write there. */
const WALKS = 'contracts/out/walks'

function unitTests(args: readonly string[], update: boolean): void {
  const before = readGas()
  try {
    forge(['test', ...args])
    const changes = args.length > 0 ? [] : gasChanges(before, readGas())
    if (update) writeGas(readGas())
    else if (changes.length > 0) {
      throw new Error(`Gas is not what contracts/snapshots says:\n  ${changes.join('\n  ')}\nnpm run forge -- --update-gas takes the new figures over.`)
    }
  } finally {
    if (!update) writeGas(before)
  }
}

/** Four walks of 50 runs of 5,000 calls, as many at a time as there are cores. */
function longWalks(args: readonly string[]): void {
  const folder = join(root, WALKS)
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const seed = args.includes('--fuzz-seed') ? [] : ['--fuzz-seed', `0x${randomBytes(8).toString('hex')}`]
  console.log(['forge test', ...seed, ...args].join(' '))
  const start = performance.now()
  forge(['test', '--match-test', 'invariant_', ...seed, ...args], {
    FOUNDRY_INVARIANT_RUNS: '50', FOUNDRY_INVARIANT_DEPTH: '500', FOUNDRY_ISOLATE: 'false', ...process.env, WALKS,
  })
  const seconds = (performance.now() - start) / 1000
  const figures = readWalks(folder)
  console.log(`\n${figures.calls.toLocaleString('en')} calls by ${figures.walks} walks in ${figures.runs} runs, ${seconds.toFixed(0)} s. How often each act succeeded:`)
  for (const [act, count] of figures.done) console.log(`  ${act.padEnd(12)}${count.toLocaleString('en').padStart(9)}`)
  console.log(`Disputes upheld: ${figures.upheld.toLocaleString('en')}`)
  demandWalks(figures, LONG_CALLS)
}

const args = process.argv.slice(2)
buildContracts()
if (args.includes('--long')) longWalks(args.filter(arg => arg !== '--long'))
else unitTests(args.filter(arg => arg !== '--update-gas'), args.includes('--update-gas'))
