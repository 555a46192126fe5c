/** A run's memory, worked out from configuration and headers before anything is downloaded or allocated. */
import type { Backend, MemoryPlan, ModelDescription, ModelFile, PlanCommand } from '../protocol.ts'
import { layoutOfSettings } from '../engine/lora/layout.ts'
import { memoryPlanFor } from '../engine/training/memoryPlan.ts'
import { cacheKey, modelCache } from '../engine/weights/cache/modelCache.ts'
import { openModel } from '../engine/weights/openModel.ts'
import { openModelFile } from '../engine/weights/openModelFile.ts'
import { urlSource } from '../engine/weights/urlSource.ts'
import { describeModel } from './describe.ts'

export async function planRun(
  { model, lora, training, contextLength, budget }: PlanCommand, signal: AbortSignal,
): Promise<{ memory: MemoryPlan; description: ModelDescription; backend: Backend; trainable: number }> {
  const open = await openModel(model, { signal, openFile: openForHeaders })
  const backend: Backend = (await navigator.gpu?.requestAdapter()) ? 'webgpu' : 'wasm'
  const layout = layoutOfSettings(open.config, lora)
  const run = { lora, training, length: Math.min(contextLength, open.config.contextLength), formats: (name: string) => open.tensors.entries.get(name)?.format ?? 'f32' }
  const memory = memoryPlanFor(open.config, run, backend, { budget })
  return { memory, description: describeModel(open, model.files.map(({ name }) => name)), backend, trainable: layout.parameters }
}

/** Headers come by ranges: nothing is downloaded as a whole for a plan, and nothing of it is used but numbers. */
async function openForHeaders({ name, source, sha256 }: ModelFile, { signal }: { signal?: AbortSignal }) {
  if (typeof source !== 'string' || source.startsWith('cache:')) return openModelFile({ name, source }, { signal })
  const key = cacheKey(source)
  const held = await (await modelCache())?.held(key)
  return held && (!sha256 || held.sha256 === sha256) ? openModelFile({ name, source: `cache:${key}` }, { signal }) : urlSource(source, name, signal)
}
