/** One side of `npm run bench -- engine` in a process of its own, whose peak memory is that side's. */
import { startTfjs } from '../../workers/engine/backend/startTfjs.ts'
import { openExecutor } from '../../workers/engine/plan/execute/openExecutor.ts'
import { TfjsExecutor } from '../../workers/engine/plan/execute/tfjs.ts'
import { benchSide } from './engineSide.ts'
import type { SideOptions } from './engineSide.ts'

const { backend, stock, ...options } = JSON.parse(process.argv[2]) as SideOptions & { backend: 'wasm' | 'cpu'; stock: boolean }
const executor = stock
  ? new TfjsExecutor({ backend, device: `${await startTfjs(backend)}, stock tfjs` })
  : (await openExecutor([backend])).executor
const report = await benchSide(executor, options, () => process.resourceUsage().maxRSS * 1024)
process.stdout.write(`${JSON.stringify(report)}\n`, () => process.exit(0))
