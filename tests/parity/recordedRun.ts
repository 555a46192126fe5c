/**
 * A fine-tuning recorded elsewhere (`run.json`, `initial/`, `final/`, …; formats
 * in the reference models' README) replayed by this engine, step by step.
 */
import { z } from 'zod'
import type { Adapter } from '../../workers/engine/lora/adapter.ts'
import { layoutOfSettings } from '../../workers/engine/lora/layout.ts'
import type { LoraLayout } from '../../workers/engine/lora/layout.ts'
import type { LoadedModel } from '../../workers/engine/model/loadModel.ts'
import { layOut } from '../../workers/engine/training/batch.ts'
import type { TokenBatch } from '../../workers/engine/training/batch.ts'
import { learningRate } from '../../workers/engine/training/schedule.ts'
import { Stepper } from '../../workers/engine/training/stepper.ts'
import { readJson } from './folder.ts'
import type { Folder } from './folder.ts'
import { largestDifference, logitsOf } from './logits.ts'
import { tensorFile, valuesOf } from './tensorFile.ts'

const numbers = z.array(z.number())
const runSchema = z.object({
  base: z.string(),
  lora: z.object({
    r: z.int(), lora_alpha: z.number(), use_rslora: z.boolean().default(false),
    target_modules: z.union([z.literal('all-linear'), z.array(z.string())]),
  }),
  train: z.object({
    lr: z.number(), schedule: z.enum(['constant', 'linear', 'cosine']), weight_decay: z.number(), warmup_steps: z.int().default(0),
    clip: z.number().default(0), accumulate: z.int().default(1), lora_plus_ratio: z.number().default(1),
  }),
  batches: z.array(z.object({
    input_ids: z.array(numbers), labels: z.array(numbers), attention_mask: z.array(numbers).optional(),
  })),
  losses: numbers,
  gradient_norms_before_clipping: numbers,
  losses_of_first_two_batches_after: numbers,
})
export type RecordedRun = z.infer<typeof runSchema>

/** Largest differences from the record; what each means is in the reference models' README. */
export interface RunDifferences {
  steps: number
  lossRelative: number
  gradientNormRelative: number
  /** Per tensor, norm of the difference over the norm. */
  firstGradients: number
  /** Per tensor, norm of the difference over the norm of the tensor's movement. */
  finalAdapter: number
  /** Losses of the first two batches after training, relative. */
  lossAfterRelative: number
  finalLogits: number
}

export async function readRun(folder: Folder): Promise<RecordedRun> {
  return runSchema.parse(await readJson(folder, 'run.json'))
}

export interface ReplayOptions {
  gradientCheckpointing?: boolean
  onStep?: (step: number, loss: number, recorded: number) => void
}

/** Replays a recorded run on a loaded base. */
export async function replayRun(folder: Folder, model: LoadedModel, { gradientCheckpointing, onStep }: ReplayOptions = {}): Promise<RunDifferences> {
  const run = await readRun(folder)
  const { lora, train } = run
  const layout = layoutOfSettings(model.config, {
    rank: lora.r, alpha: lora.lora_alpha, rsLora: lora.use_rslora, targetModules: lora.target_modules, dropout: 0,
  })
  const initial = await readAdapter(folder.folder('initial'), 'adapter_model.safetensors', layout, 'base_model.model.')
  const stepper = new Stepper(model, initial, { id: 'replay', gradientCheckpointing })
  const batches = run.batches.map(toBatch)
  const steps = run.losses.length
  const result: RunDifferences = {
    steps, lossRelative: 0, gradientNormRelative: 0, firstGradients: 0, finalAdapter: 0, lossAfterRelative: 0, finalLogits: 0,
  }
  const schedule = { steps, learningRate: train.lr, warmupSteps: train.warmup_steps, schedule: train.schedule }
  for (let step = 0; step < steps; step++) {
    const group = batches.slice(step * train.accumulate, (step + 1) * train.accumulate)
    for (const batch of group) await stepper.accumulate(batch, 1 / (batch.targetCount * group.length), 0)
    if (step === 0) result.firstGradients = await compareFirstGradients(folder, layout, await stepper.gradients())
    const report = await stepper.update({
      learningRate: learningRate(step, schedule), loraPlusRatio: train.lora_plus_ratio, weightDecay: train.weight_decay, clip: train.clip, seed: 0,
    })
    onStep?.(step, report.loss, run.losses[step])
    result.lossRelative = Math.max(result.lossRelative, relative(report.loss, run.losses[step]))
    result.gradientNormRelative = Math.max(result.gradientNormRelative, relative(report.gradientNorm, run.gradient_norms_before_clipping[step]))
  }
  const final = await readAdapter(folder.folder('final'), 'adapter_model.safetensors', layout, 'base_model.model.')
  result.finalAdapter = largest(layout, await stepper.adapter(), final, initial)
  result.finalLogits = await compareFinalLogits(folder, model, stepper)
  for (const [i, recorded] of run.losses_of_first_two_batches_after.entries()) {
    await stepper.accumulate(batches[i], 1 / batches[i].targetCount, 0)
    const { loss } = await stepper.update({ learningRate: 0, loraPlusRatio: 1, weightDecay: 0, clip: 0, seed: 0 })
    result.lossAfterRelative = Math.max(result.lossAfterRelative, relative(loss, recorded))
  }
  stepper.dispose()
  return result
}

/** Rows padded on the right keep only what their mask covers. */
export function toBatch({ input_ids, labels, attention_mask }: RecordedRun['batches'][number]): TokenBatch {
  const kept = (row: number[], i: number) => (attention_mask ? row.slice(0, attention_mask[i].lastIndexOf(1) + 1) : row)
  return layOut(input_ids.map((ids, i) => [{ ids: kept(ids, i), labels: kept(labels[i], i) }]), input_ids[0].length)
}

/** Reads the matrices of a layout from a safetensors file whose names begin with `prefix`. */
export async function readAdapter(folder: Folder, file: string, layout: LoraLayout, prefix: string): Promise<Adapter> {
  const tensors = await tensorFile(folder, file)
  const adapter: Adapter = { layout, a: new Float32Array(layout.sizeA), b: new Float32Array(layout.sizeB) }
  for (const module of layout.modules) {
    adapter.a.set(await valuesOf(tensors, `${prefix}${module.name}.lora_A.weight`), module.offsetA)
    adapter.b.set(await valuesOf(tensors, `${prefix}${module.name}.lora_B.weight`), module.offsetB)
  }
  return adapter
}

async function compareFirstGradients(folder: Folder, layout: LoraLayout, actual: Adapter): Promise<number> {
  const expected = await readAdapter(folder, 'first_gradients.safetensors', layout, '')
  return largest(layout, actual, expected)
}

/** Largest over all matrices of |actual − expected| / |expected − from|. */
function largest(layout: LoraLayout, actual: Adapter, expected: Adapter, from?: Adapter): number {
  let result = 0
  for (const { offsetA, offsetB, rank, in: inputs, out } of layout.modules) {
    for (const [side, offset, size] of [['a', offsetA, rank * inputs], ['b', offsetB, out * rank]] as const) {
      let difference = 0
      let scale = 0
      for (let i = offset; i < offset + size; i++) {
        difference += (actual[side][i] - expected[side][i]) ** 2
        scale += (expected[side][i] - (from?.[side][i] ?? 0)) ** 2
      }
      // A gradient that is exactly zero on both sides agrees.
      if (difference !== 0) result = Math.max(result, Math.sqrt(difference / scale))
    }
  }
  return result
}

async function compareFinalLogits(folder: Folder, model: LoadedModel, stepper: Stepper): Promise<number> {
  const tensors = await tensorFile(folder, 'final_logits.safetensors')
  const ids = await valuesOf(tensors, 'input_ids')
  const expected = await valuesOf(tensors, 'logits_last_3')
  const adapter = { id: stepper.id, layout: stepper.layout, dropout: 0 }
  return largestDifference(await logitsOf(model, ids, [ids.length - 3, ids.length - 2, ids.length - 1], adapter), expected)
}

function relative(actual: number, expected: number): number {
  return Math.abs(actual - expected) / Math.abs(expected)
}
