/** A run's memory, worked out from configuration and headers before anything is downloaded or allocated. */
import type { Backend, MemoryPlan, ModelDescription, ModelFile, PlanCommand } from '../protocol.ts'
import { capabilitiesOf } from '../engine/backend/device.ts'
import { largestMemory, threadsHere } from '../engine/backend/wasm/machine.ts'
import { layoutOfSettings } from '../engine/lora/layout.ts'
import { memoryPlanFor, type DeviceLimits } from '../engine/training/memoryPlan.ts'
import { cacheKey, modelCache } from '../engine/weights/cache/modelCache.ts'
import { openModel } from '../engine/weights/openModel.ts'
import { openModelFile } from '../engine/weights/openModelFile.ts'
import { urlSource } from '../engine/weights/urlSource.ts'
import { describeModel } from './describe.ts'

export async function planRun(
  { model, lora, training, contextLength, budget }: PlanCommand, signal: AbortSignal,
): Promise<{ memory: MemoryPlan; budget: number; description: ModelDescription; backend: Backend; trainable: number }> {
  const open = await openModel(model, { signal, openFile: openForHeaders })
  const { backend, limits } = await deviceHere(budget)
  const layout = layoutOfSettings(open.config, lora)
  const run = { lora, training, length: Math.min(contextLength, open.config.contextLength), formats: (name: string) => open.tensors.entries.get(name)?.format ?? 'f32' }
  const memory = memoryPlanFor(open.config, run, backend, limits)
  return { memory, budget: limits.budget, description: describeModel(open, model.files.map(({ name }) => name)), backend, trainable: layout.parameters }
}

/** The device on which the run would be, as it will be when it has been opened. */
async function deviceHere(budget: number): Promise<{ backend: Backend; limits: DeviceLimits }> {
  const adapter = await navigator.gpu?.requestAdapter({ powerPreference: 'high-performance' })
  if (adapter) return { backend: 'webgpu', limits: { budget, capabilities: capabilitiesOf(adapter.features, adapter.info) } }
  return { backend: 'wasm', limits: { budget: Math.min(budget, largestMemory), threads: threadsHere() } }
}

/** Headers come by ranges: nothing is downloaded as a whole for a plan, and nothing of it is used but numbers. */
async function openForHeaders({ name, source, sha256 }: ModelFile, { signal }: { signal?: AbortSignal }) {
  if (typeof source !== 'string' || source.startsWith('cache:')) return openModelFile({ name, source }, { signal })
  const key = cacheKey(source)
  const held = await (await modelCache())?.held(key)
  return held && (!sha256 || held.sha256 === sha256) ? openModelFile({ name, source: `cache:${key}` }, { signal }) : urlSource(source, name, signal)
}
