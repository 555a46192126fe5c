import type { Adapter } from '../../workers/engine/lora/adapter.ts'
import { layoutOfSettings } from '../../workers/engine/lora/layout.ts'
import { TokenStream } from '../../workers/engine/generation/tokenStream.ts'
import type { LoadedModel } from '../../workers/engine/model/loadModel.ts'
import { loadModel } from '../../workers/engine/model/loadModel.ts'
import { WasmExecutor } from '../../workers/engine/plan/execute/wasm.ts'
import { Scorer } from '../../workers/engine/scoring/scorer.ts'
import { Stepper } from '../../workers/engine/training/stepper.ts'
import { openModel } from '../../workers/engine/weights/openModel.ts'
import { referencePath } from '../helpers/reference.ts'
import { modelIn } from '../parity/baseModel.ts'
import { diskFolder } from '../parity/diskFolder.ts'
import { readRun, toBatch } from '../parity/recordedRun.ts'
import type { RecordedRun } from '../parity/recordedRun.ts'
import { Random } from '../../src/data/random.ts'
import { median } from './median.ts'
import { PytorchSteps } from './pytorchSteps.ts'
import { shapes } from './shapes.ts'
import { placeSyntheticModel } from './syntheticModel.ts'

/** Training steps of one side. */
export interface StepTimes {
  /** Medians over the steps: other work on the machine makes single ones slow. */
  milliseconds: number
  tokensPerSecond: number
  /** Of the fastest step. */
  bestTokensPerSecond: number
}

export interface FallbackReport {
  /** What was trained on what. */
  model: string
  device: string
  /** Real tokens of a step in the middle, padding left out. */
  tokens: number
  steps: number
  ours: StepTimes
  /** As planned, over the time measured; of the fastest step. */
  bestFlopsPerSecond: number
  /** What all threads together do from registers alone, the best that was measured between the steps. */
  peakFlopsPerSecond: number
  /** Forward passes alone, and greedy tokens one by one. */
  scoringTokensPerSecond: number
  generationTokensPerSecond: number
  /** Of the whole process. */
  peakBytes: number
  /** The same steps in PyTorch float32 on the same processor, in turns with ours, or why there are none. */
  pytorch: StepTimes & { versions: string } | string
  /** Our tokens per second over PyTorch's: medians, and fastest steps. */
  ratio: number | null
  bestRatio: number | null
}

const lora: RecordedRun['lora'] = { r: 8, lora_alpha: 16, use_rslora: false, target_modules: ['q_proj', 'v_proj'] }

/** LoRA steps of SmolLM2-135M without WebGPU, in turns with PyTorch on the same processor. */
export async function benchFallback(steps: number): Promise<FallbackReport> {
  const executor = await WasmExecutor.open()
  const { model, batches, name } = await reference(executor) ?? synthetic(executor)
  const chosen = Array.from({ length: steps }, (_, i) => batches[i % batches.length])
  const theirs = await PytorchSteps.open(model.config, lora, executor.machine.threads)
  const stepper = freshStepper(model)
  const [own, others] = [[] as Turn[], [] as Turn[]]
  let peakFlopsPerSecond = 0
  for (const [i, recorded] of [batches[0], ...chosen].entries()) {
    const batch = toBatch(recorded)
    const start = performance.now()
    await stepper.run([batch], { learningRate: 1e-3, loraPlusRatio: 1, weightDecay: 0.01, clip: 1, seed: 0 })
    const turn = { milliseconds: performance.now() - start, tokens: tokensOf(recorded), flops: stepper.flops([batch]) }
    const other = typeof theirs === 'string' ? null : { ...turn, milliseconds: await theirs.step(recorded) }
    peakFlopsPerSecond = Math.max(peakFlopsPerSecond, executor.machine.measurePeak())
    // The first is not counted: engines compile what turns out to be hot.
    if (i === 0) continue
    own.push(turn)
    if (other) others.push(other)
  }
  stepper.dispose()
  const scoringTokensPerSecond = await scoringRate(model, chosen)
  const generationTokensPerSecond = await generationRate(model)
  executor.dispose()
  const ours = timesOf(own)
  const pytorch = typeof theirs === 'string' ? theirs : { ...timesOf(others), versions: theirs.versions }
  if (typeof theirs !== 'string') theirs.close()
  const against = typeof pytorch === 'string' ? null : pytorch
  return {
    model: name, device: executor.device, tokens: median(own.map(({ tokens }) => tokens)), steps, ours,
    bestFlopsPerSecond: Math.max(...own.map(({ flops, milliseconds }) => (1e3 * flops) / milliseconds)), peakFlopsPerSecond,
    scoringTokensPerSecond, generationTokensPerSecond, peakBytes: process.resourceUsage().maxRSS * 1024, pytorch,
    ratio: against && ours.tokensPerSecond / against.tokensPerSecond,
    bestRatio: against && ours.bestTokensPerSecond / against.bestTokensPerSecond,
  }
}

interface Turn {
  milliseconds: number
  tokens: number
  flops: number
}

function timesOf(turns: readonly Turn[]): StepTimes {
  const rates = turns.map(({ tokens, milliseconds }) => (1e3 * tokens) / milliseconds)
  return { milliseconds: median(turns.map(({ milliseconds }) => milliseconds)), tokensPerSecond: median(rates), bestTokensPerSecond: Math.max(...rates) }
}

interface Subject {
  model: LoadedModel
  batches: RecordedRun['batches']
  name: string
}

async function reference(executor: WasmExecutor): Promise<Subject | null> {
  const [folder, run] = [referencePath('models', 'smollm2-135m'), referencePath('models', 'smollm2-135m', 'trajectories', 'qv-r8')]
  const source = folder && run && await modelIn(diskFolder(folder))
  if (!source) return null
  const model = await loadModel(await openModel(source), executor)
  return { model, batches: (await readRun(diskFolder(run))).batches, name: 'SmolLM2-135M (Q4_1), recorded run qv-r8' }
}

function synthetic(executor: WasmExecutor): Subject {
  const config = shapes['smollm2-135m']
  const random = new Random(5)
  const rows = Array.from({ length: 2 }, () => Array.from({ length: 80 }, () => random.below(config.vocabularySize)))
  return {
    model: placeSyntheticModel(config, executor, 'q4_1'), batches: [{ input_ids: rows, labels: rows }],
    name: 'SmolLM2-135M\'s shape with made-up weights (the reference model is not here), 2 rows of 80 tokens',
  }
}

function freshStepper(model: LoadedModel): Stepper {
  const layout = layoutOfSettings(model.config, { rank: lora.r, alpha: lora.lora_alpha, rsLora: false, targetModules: lora.target_modules, dropout: 0 })
  const adapter: Adapter = { layout, a: new Float32Array(layout.sizeA).fill(0.01), b: new Float32Array(layout.sizeB) }
  return new Stepper(model, adapter)
}

/** Tokens that a scorer takes in a second. */
async function scoringRate(model: LoadedModel, batches: RecordedRun['batches']): Promise<number> {
  const rows = batches.slice(0, 4).flatMap(({ input_ids, labels }) => input_ids.map((ids, i) => ({ ids, labels: labels[i], row: i, truncated: false, targetTokens: 0, targetBytes: 0 })))
  const scorer = new Scorer(model, rows)
  await scorer.score(null)
  const start = performance.now()
  await scorer.score(null)
  const seconds = (performance.now() - start) / 1000
  scorer.dispose()
  return rows.reduce((sum, { ids }) => sum + ids.length, 0) / seconds
}

async function generationRate(model: LoadedModel): Promise<number> {
  const stream = new TokenStream(model, null, 128)
  await stream.append([1])
  await stream.append([2])
  const count = 32
  const start = performance.now()
  for (let i = 0; i < count; i++) await stream.append([3 + i])
  const seconds = (performance.now() - start) / 1000
  stream.dispose()
  return count / seconds
}

/** Tokens that are not padding. */
function tokensOf({ input_ids, attention_mask }: RecordedRun['batches'][number]): number {
  const counts = attention_mask ? attention_mask.map((row) => row.reduce((a, b) => a + b, 0)) : input_ids.map((row) => row.length)
  return counts.reduce((a, b) => a + b, 0)
}
