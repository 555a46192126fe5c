import { Random } from '../../../src/data/random.ts'
import type { LoraLayout, LoraModule } from './layout.ts'

/** An adapter's numbers on the host: the flat buffers of its layout. */
export interface Adapter {
  layout: LoraLayout
  /** [sizeA] */
  a: Float32Array
  /** [sizeB] */
  b: Float32Array
}

/** A fresh adapter as PEFT makes it: A uniform in ±1/√in (Kaiming with a = √5), B zero. */
export function freshAdapter(layout: LoraLayout, seed: number): Adapter {
  const random = new Random(seed)
  const a = new Float32Array(layout.sizeA)
  for (const module of layout.modules) {
    const bound = 1 / Math.sqrt(module.in)
    const view = a.subarray(module.offsetA, module.offsetA + module.rank * module.in)
    for (let i = 0; i < view.length; i++) view[i] = (2 * random.uniform() - 1) * bound
  }
  return { layout, a, b: new Float32Array(layout.sizeB) }
}

/** One layer's matrices, as views: a [rank, in], b [out, rank], row-major. */
export function matrices(adapter: Adapter, module: LoraModule): { a: Float32Array; b: Float32Array } {
  return {
    a: adapter.a.subarray(module.offsetA, module.offsetA + module.rank * module.in),
    b: adapter.b.subarray(module.offsetB, module.offsetB + module.out * module.rank),
  }
}
