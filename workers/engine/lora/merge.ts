import type { PackedTensor, WeightFormat } from '../weights/packedTensor.ts'
import type { LoadedModel } from '../model/loadModel.ts'
import { unpack } from '../weights/formats/index.ts'
import type { NamedTensors } from '../weights/namedTensors.ts'
import { matrices } from './adapter.ts'
import type { Adapter } from './adapter.ts'
import type { LoraModule } from './layout.ts'

/**
 * Writes W + s·b·a over the weights of the adapted layers, as float32: the model
 * then answers like base and adapter together, with no LoRA path to compute.
 *
 * @param base where the weights came from.
 * @returns the model with its new formats; plans of the old one are no longer valid.
 */
export function mergeAdapter(model: LoadedModel, base: NamedTensors, adapter: Adapter): Promise<LoadedModel> {
  return replace(model, base, adapter, (tensor, module) => {
    const weights = unpack(tensor)
    addDelta(weights, module, adapter)
    return { format: 'f32', shape: tensor.shape, bytes: new Uint8Array(weights.buffer) }
  })
}

/** Puts the base's own weights back, exactly. */
export function unmergeAdapter(model: LoadedModel, base: NamedTensors, adapter: Adapter): Promise<LoadedModel> {
  return replace(model, base, adapter, (tensor) => tensor)
}

async function replace(
  model: LoadedModel, base: NamedTensors, { layout }: Adapter, change: (tensor: PackedTensor, module: LoraModule) => PackedTensor,
): Promise<LoadedModel> {
  const formats = new Map<string, WeightFormat>()
  for (const module of layout.modules) {
    const name = `${module.name}.weight`
    const tensor = change(await base.read(name), module)
    model.executor.release(name)
    model.executor.placeWeight(name, tensor)
    formats.set(name, tensor.format)
  }
  return { ...model, formats: (name) => formats.get(name) ?? model.formats(name) }
}

/** W += s·b·a in place; W [out, in] row-major. */
export function addDelta(weights: Float32Array, module: LoraModule, adapter: Adapter): void {
  const { a, b } = matrices(adapter, module)
  const { rank, scale, in: inputs, out } = module
  for (let row = 0; row < out; row++) {
    for (let r = 0; r < rank; r++) {
      const factor = scale * b[row * rank + r]
      if (factor === 0) continue
      for (let column = 0; column < inputs; column++) weights[row * inputs + column] += factor * a[r * inputs + column]
    }
  }
}
