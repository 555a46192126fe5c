import type { AdapterFiles } from '../../protocol.ts'
import { writeSafetensors } from '../weights/safetensors.ts'
import { matrices } from './adapter.ts'
import type { Adapter } from './adapter.ts'
import type { LoraModule } from './layout.ts'
import { peftDefaults } from './peftConfig.ts'

export interface PeftExportOptions {
  /** Goes into `base_model_name_or_path`. */
  baseModel: string
  dropout: number
  rsLora: boolean
}

/**
 * An adapter as PEFT saves it, loadable by `PeftModel.from_pretrained`: the
 * same names, float32. Layers whose rank or alpha differs from the first one's
 * go into `rank_pattern` and `alpha_pattern`.
 */
export function exportPeft(adapter: Adapter, { baseModel, dropout, rsLora }: PeftExportOptions): AdapterFiles {
  const { modules } = adapter.layout
  const alphaOf = ({ scale, rank }: LoraModule): number => Number((scale * (rsLora ? Math.sqrt(rank) : rank)).toPrecision(12))
  const { rank, alpha } = { rank: modules[0].rank, alpha: alphaOf(modules[0]) }
  const config = {
    ...peftDefaults,
    base_model_name_or_path: baseModel,
    r: rank,
    lora_alpha: alpha,
    lora_dropout: dropout,
    use_rslora: rsLora,
    target_modules: targetNames(modules, adapter.layout.byName.size),
    rank_pattern: Object.fromEntries(modules.filter((m) => m.rank !== rank).map((m) => [m.name, m.rank])),
    alpha_pattern: Object.fromEntries(modules.filter((m) => alphaOf(m) !== alpha).map((m) => [m.name, alphaOf(m)])),
  }
  const sorted = Object.fromEntries(Object.entries(config).sort(([a], [b]) => (a < b ? -1 : 1)))
  return {
    'adapter_config.json': new TextEncoder().encode(`${JSON.stringify(sorted, null, 2)}\n`),
    'adapter_model.safetensors': writeSafetensors(peftTensors(adapter)),
  }
}

/** An adapter's matrices under PEFT's names. */
export function peftTensors(adapter: Adapter): Map<string, { shape: number[]; data: Float32Array }> {
  return new Map(adapter.layout.modules.flatMap((module) => {
    const { a, b } = matrices(adapter, module)
    return [
      [`base_model.model.${module.name}.lora_A.weight`, { shape: [module.rank, module.in], data: a }],
      [`base_model.model.${module.name}.lora_B.weight`, { shape: [module.out, module.rank], data: b }],
    ] as const
  }))
}

/** Projections where each is adapted in every layer that has any; otherwise full names, which PEFT takes too. */
function targetNames(modules: readonly LoraModule[], count: number): string[] {
  const projections = [...new Set(modules.map(({ projection }) => projection))]
  const layers = new Set(modules.map(({ layer }) => layer))
  const regular = count === projections.length * layers.size && layers.size === Math.max(...layers) + 1
  return regular ? projections : modules.map(({ name }) => name)
}
