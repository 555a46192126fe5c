import { describe, expect, it } from 'vitest'
import { testGpu } from '../../../../tests/helpers/gpu.ts'
import { Random } from '../../../../src/data/random.ts'
import { startTfjs } from '../../backend/startTfjs.ts'
import { quantize, unpack } from '../../weights/formats/index.ts'
import { rowsOf } from '../../weights/packedTensor.ts'
import type { PackedTensor } from '../../weights/packedTensor.ts'
import { PlanBuilder } from '../builder.ts'
import type { Executor } from './executor.ts'
import { TfjsExecutor } from './tfjs.ts'
import { WasmExecutor } from './wasm.ts'
import { WebGpuExecutor } from './webgpu.ts'

const gpu = await testGpu()
const [rows, columns] = [300, 64]
const random = new Random(1)
const values = Float32Array.from({ length: rows * columns }, () => random.uniform() - 0.5)
const floats: PackedTensor = { format: 'f32', shape: [rows, columns], bytes: new Uint8Array(values.buffer) }

/** The rows of a weight as a kernel reads them, the last first. */
async function readBack(executor: Executor, format: PackedTensor['format']): Promise<Float32Array> {
  const builder = new PlanBuilder()
  const ids = builder.buffer('input', 'ids', [rows], 'int32')
  const table = builder.declare({ name: 'w', shape: [rows, columns], dtype: 'float32', role: 'weight', format })
  builder.node('embed', { ids, table }, { x: builder.buffer('output', 'x', [rows, columns]) }, {})
  const plan = await executor.load(builder.build('rows'))
  plan.write('ids', Int32Array.from({ length: rows }, (_, i) => rows - 1 - i))
  await plan.run()
  const read = await plan.read('x')
  plan.dispose()
  return Float32Array.from({ length: rows * columns }, (_, i) => read[(rows - 1 - Math.floor(i / columns)) * columns + (i % columns)])
}

const executors: [string, () => Promise<Executor | null>][] = [
  ['WebAssembly', () => WasmExecutor.open({ threads: 2 })],
  ['WebAssembly, weights kept packed', () => WasmExecutor.open({ threads: 1, budget: 1000 })],
  ['tfjs on WebAssembly', async () => new TfjsExecutor({ backend: 'wasm', device: await startTfjs('wasm') })],
  ['tfjs on WebAssembly, weights kept packed', async () => new TfjsExecutor({ backend: 'wasm', device: await startTfjs('wasm'), budget: 1000 })],
  ['plain JavaScript', async () => new TfjsExecutor({ backend: 'cpu', device: await startTfjs('cpu') })],
  ['WebGPU', () => Promise.resolve(gpu && new WebGpuExecutor({ gpu }))],
]

describe.each(executors)('weights that arrive some rows at a time, on %s', (_, open) => {
  it.for([['f32', floats], ['q8_0', quantize(floats, 'q8_0')]] as const)('%s', async ([format, tensor], { skip }) => {
    const executor = await open()
    if (!executor) return skip('no GPU driver')
    executor.expectWeights(rows * columns)
    for (const first of [0, 128, 256]) executor.placeWeight('w', rowsOf(tensor, { first, count: Math.min(128, rows - first) }))
    expect(await readBack(executor, format)).toEqual(unpack(tensor))
    // Again, whole: the old one is gone.
    executor.placeWeight('w', floats)
    expect(await readBack(executor, 'f32')).toEqual(values)
    executor.release('w')
    executor.dispose()
  })
})
