/**
 * Tests of the contracts.
 *
 *   npm run forge                 unit, fuzz and invariant tests, and the gas snapshot
 *   npm run forge -- --match-contract DisputesTest
 */
import { forge } from './tools/forge.ts'

forge(['test', ...process.argv.slice(2)])
