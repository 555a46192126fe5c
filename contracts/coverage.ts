/**
 * Line and branch coverage of the contracts: npm run coverage. The sources need the intermediate representation to compile, so
 * forge maps coverage from unoptimised code (`--ir-minimum`).
 */
import { forge } from './tools/forge.ts'

forge(['coverage', '--ir-minimum', '--report', 'summary', '--no-match-coverage', '(test|testing)/', '--no-match-contract', 'GasTest', ...process.argv.slice(2)])
