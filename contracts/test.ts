/** `npm test`'s contract part: builds, then runs forge's unit, fuzz and invariant tests; arguments go to `forge test`. */
import { buildContracts } from './build.ts'
import { forge } from './tools/forge.ts'

buildContracts()
forge(['test', ...process.argv.slice(2)])
