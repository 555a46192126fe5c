import '@tensorflow/tfjs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { tf } from '../backend/tfjs.ts'
import { WasmExecutor } from '../plan/execute/wasm.ts'
import { asWeight, kernelErrors } from './kernelTesting.ts'
import { testKernels } from './kernelSuite.ts'
import { integers, randomTensor } from './testing.ts'

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

  it('products of several blocks in every direction', async () => {
    const attrs = { scale: 2, dropout: 0, keyRow: 0 }
    for (const [tokens, depth, out] of [[130, 1030, 261], [1, 1030, 130], [2, 515, 7], [3, 9, 1100]]) {
      const w = asWeight(randomTensor([out, depth], 1))
      const lora = { a: randomTensor([5, depth], 2), b: randomTensor([out, 5], 3) }
      const x = randomTensor([tokens, depth], 4)
      const errors = [
        await kernelErrors(executor, { op: 'linear', attrs, inputs: { x, w, ...lora }, outputs: { y: [tokens, out], xa: [tokens, 5] } }),
        await kernelErrors(executor, { op: 'linear', attrs, inputs: { x, w, ...lora }, outputs: { xa: [tokens, 5] } }),
        await kernelErrors(executor, {
          op: 'linearBackward', attrs, inputs: { dy: randomTensor([tokens, out], 5), w, x, ...lora, xa: randomTensor([tokens, 5], 6) },
          outputs: { dx: [tokens, depth], da: [5, depth], db: [out, 5] },
        }),
      ]
      for (const error of errors.flatMap((ports) => Object.values(ports))) expect(error, `${tokens} x ${depth} x ${out}`).toBeLessThan(5e-6)
    }
  })

  it('attention over several blocks of queries', async () => {
    const attrs = { rows: 1, heads: 3, keyValueHeads: 1, headDim: 20, window: 70, scale: 0.2 }
    const length = 150
    const inputs = {
      q: randomTensor([length, 60], 1), k: randomTensor([length, 20], 2), v: randomTensor([length, 20], 3),
      segments: integers(Array.from({ length }, (_, i) => Math.floor(i / 90))),
    }
    const errors = await kernelErrors(executor, { op: 'attention', attrs, inputs, outputs: { o: [length, 60] } })
    expect(errors.o).toBeLessThan(5e-6)
  })
})
