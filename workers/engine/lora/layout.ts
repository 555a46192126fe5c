import type { BufferSpec } from '../plan/plan.ts'
import { viewAlignment } from '../plan/plan.ts'
import { linearLayers } from '../model/linearLayers.ts'
import type { LinearLayer } from '../model/linearLayers.ts'
import type { ModelConfig } from '../model/config.ts'
import type { LoraSettings } from './settings.ts'

/** A linear layer's LoRA matrices: a [rank, in], b [out, rank], and where they lie in the flat buffers. */
export interface LoraModule extends LinearLayer {
  rank: number
  /** s in y = Wx + s·b(ax). */
  scale: number
  /** Elements into the flat A and B buffers. */
  offsetA: number
  offsetB: number
  /** Place among the adapted layers: the row of its dropout keys. */
  index: number
}

/**
 * How an adapter lies in memory: all A matrices in one flat buffer, all B
 * matrices in another, each matrix a view. So the optimiser is two dispatches
 * however many layers there are, and LoRA+ gives B its own learning rate.
 */
export interface LoraLayout {
  modules: readonly LoraModule[]
  byName: ReadonlyMap<string, LoraModule>
  /** Elements of the flat buffers, padding included. */
  sizeA: number
  sizeB: number
  /** Trainable numbers, padding not counted. */
  parameters: number
}

/** Rank and scale of each adapted layer, by its name. */
export type LoraRanks = ReadonlyMap<string, { rank: number; scale: number }>

/** Settings that fit no layer of the model. */
export class LoraSettingsError extends Error {
  override readonly name = 'LoraSettingsError'
  readonly advice = 'Name projections such as q_proj and v_proj, or use all-linear.'
}

/** The layout of a fresh adapter. @throws {LoraSettingsError} */
export function layoutOfSettings(config: ModelConfig, settings: LoraSettings): LoraLayout {
  const { rank, targetModules } = settings
  const scale = loraScale(settings)
  const layers = linearLayers(config)
  const matches = (layer: LinearLayer, target: string) => layer.name === target || layer.name.endsWith(`.${target}`)
  if (targetModules !== 'all-linear') {
    const unknown = targetModules.filter((target) => !layers.some((layer) => matches(layer, target)))
    if (unknown.length) throw new LoraSettingsError(`The model has no linear layer called ${unknown.join(', ')}.`)
  }
  const chosen = layers.filter((layer) => targetModules === 'all-linear' || targetModules.some((target) => matches(layer, target)))
  return layoutOfRanks(config, new Map(chosen.map(({ name }) => [name, { rank, scale }])))
}

/** alpha/rank, or alpha/√rank with rsLoRA (Kalajdzievski 2023). */
export function loraScale({ rank, alpha, rsLora }: Pick<LoraSettings, 'rank' | 'alpha' | 'rsLora'>): number {
  return alpha / (rsLora ? Math.sqrt(rank) : rank)
}

/** The layout of an adapter whose layers are known, each with its own rank and scale. @throws {LoraSettingsError} */
export function layoutOfRanks(config: ModelConfig, ranks: LoraRanks): LoraLayout {
  const layers = linearLayers(config).filter(({ name }) => ranks.has(name))
  if (layers.length < ranks.size) {
    const known = new Set(layers.map(({ name }) => name))
    throw new LoraSettingsError(`The model has no linear layer called ${[...ranks.keys()].filter((name) => !known.has(name)).join(', ')}.`)
  }
  let sizeA = 0
  let sizeB = 0
  const modules = layers.map((layer, index): LoraModule => {
    const module = { ...layer, ...ranks.get(layer.name)!, offsetA: sizeA, offsetB: sizeB, index }
    sizeA += aligned(module.rank * layer.in)
    sizeB += aligned(layer.out * module.rank)
    return module
  })
  return {
    modules,
    byName: new Map(modules.map((module) => [module.name, module])),
    sizeA,
    sizeB,
    parameters: modules.reduce((sum, m) => sum + m.rank * (m.in + m.out), 0),
  }
}

/** Names the same layout gives the same text: adapters of one key can share plans. */
export function layoutKey({ modules }: LoraLayout): string {
  return modules.map(({ name, rank, scale }) => `${name}:${rank}:${scale}`).join(' ')
}

/** The flat buffers of a set of matrices (an adapter, its gradients, a moment), e.g. `train.a`. */
export function flatBuffers(layout: LoraLayout, prefix: string, role: BufferSpec['role']): { a: BufferSpec; b: BufferSpec } {
  return {
    a: { name: `${prefix}.a`, shape: [layout.sizeA], dtype: 'float32', role },
    b: { name: `${prefix}.b`, shape: [layout.sizeB], dtype: 'float32', role },
  }
}

/** One layer's views of the flat buffers. */
export function viewsOf(module: LoraModule, prefix: string, role: BufferSpec['role']): { a: BufferSpec; b: BufferSpec } {
  const view = (side: 'a' | 'b', shape: number[], offset: number): BufferSpec => ({
    name: `${prefix}.${side}/${module.name}`, shape, dtype: 'float32', role, view: { buffer: `${prefix}.${side}`, offset },
  })
  return {
    a: view('a', [module.rank, module.in], module.offsetA),
    b: view('b', [module.out, module.rank], module.offsetB),
  }
}

function aligned(elements: number): number {
  return Math.ceil(elements / viewAlignment) * viewAlignment
}
