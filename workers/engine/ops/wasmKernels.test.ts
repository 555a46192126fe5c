import '@tensorflow/tfjs'
import { afterAll, beforeAll, describe } from 'vitest'
import { tf } from '../backend/tfjs.ts'
import { WasmExecutor } from '../plan/execute/wasm.ts'
import { testKernels } from './kernelSuite.ts'

const builds = [
  { name: 'two threads', threads: 2 },
  { name: 'one thread', threads: 1 },
  { name: 'one thread without relaxed SIMD', threads: 1, fused: false },
  { name: 'two threads, weights kept packed', threads: 2, budget: 0 },
]

describe.each(builds)('each WebAssembly kernel gives what its reference gives: $name', ({ name: _, ...options }) => {
  let executor: WasmExecutor
  beforeAll(async () => {
    await tf.setBackend('cpu')
    executor = await WasmExecutor.open(options)
    executor.expectWeights(1)
  })
  afterAll(() => executor.dispose())
  testKernels(() => executor)
})
