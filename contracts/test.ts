/**
 * `npm test`'s contract part: builds, then runs forge's unit, fuzz and invariant tests; arguments go to `forge test`.
 * A run of all tests also holds the gas measured against contracts/snapshots.
 *
 *   npm run forge -- --update-gas   takes the measured gas into the repository
 *   npm run forge -- --long         a million random calls instead (contracts/test/Solvency.t.sol)
 */
import { buildContracts } from './build.ts'
import { forge } from './tools/forge.ts'
import { gasChanges, readGas, writeGas } from './tools/gasSnapshots.ts'

const args = process.argv.slice(2)
buildContracts()
if (args.includes('--long')) {
  forge(['test', '--match-test', 'invariant_', ...args.filter(arg => arg !== '--long')], {
    FOUNDRY_INVARIANT_RUNS: '1000', FOUNDRY_INVARIANT_DEPTH: '1000', FOUNDRY_ISOLATE: 'false', ...process.env,
  })
} else {
  const update = args.includes('--update-gas')
  const rest = args.filter(arg => arg !== '--update-gas')
  const before = readGas()
  try {
    forge(['test', ...rest])
    const changes = rest.length > 0 ? [] : gasChanges(before, readGas())
    if (update) writeGas(readGas())
    else if (changes.length > 0) {
      throw new Error(`Gas is not what contracts/snapshots says:\n  ${changes.join('\n  ')}\nnpm run forge -- --update-gas takes the new figures over.`)
    }
  } finally {
    if (!update) writeGas(before)
  }
}
