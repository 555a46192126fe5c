/** `npm run build`: the contracts' interfaces, then the static page into dist/. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { build } from 'vite'

const root = join(import.meta.dirname, '..')
const contracts = spawnSync(process.execPath, ['contracts/build.ts'], { cwd: root, stdio: 'inherit' })
if (contracts.status !== 0) process.exit(contracts.status ?? 1)
await build({ root, logLevel: 'warn' })
