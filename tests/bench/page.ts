/** The page in which benchmarks run: `bench(name, options)` gives a report. */
import { benches } from './benches.ts'
import type { BenchName } from './benches.ts'
import { countWork } from './countWork.ts'
import { openGpu } from '../../workers/engine/backend/device.ts'

declare global {
  var bench: (name: BenchName, options: never) => Promise<unknown>
}

const work = countWork()

globalThis.bench = async (name, options) => benches[name](await openGpu(navigator.gpu), work, options)
