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
import { pytorchSteps } from './pytorchSteps.ts'
import { shapes } from './shapes.ts'
import { placeSyntheticModel } from './syntheticModel.ts'

export interface FallbackReport {
  /** What was trained on what. */
  model: string
  device: string
  /** Real tokens of all timed steps, padding left out. */
  tokens: number
  steps: number
  /** Median of a step. */
  milliseconds: number
  tokensPerSecond: number
  /** As planned, over the time measured. */
  flopsPerSecond: number
  /** What all threads together do from registers alone, measured in the same run. */
  peakFlopsPerSecond: number
  /** Forward passes alone, and greedy tokens one by one. */
  scoringTokensPerSecond: number
  generationTokensPerSecond: number
  /** Of the whole process. */
  peakBytes: number
  /** The same steps in PyTorch float32 on the same processor, or why there are none. */
  pytorch: { versions: string; milliseconds: number; tokensPerSecond: number } | string
  /** Our tokens per second over PyTorch's. */
  ratio: number | null
}

const lora: RecordedRun['lora'] = { r: 8, lora_alpha: 16, use_rslora: false, target_modules: ['q_proj', 'v_proj'] }

/** LoRA steps of SmolLM2-135M without WebGPU, beside PyTorch on the same processor. */
export async function benchFallback(steps: number): Promise<FallbackReport> {
  const executor = await WasmExecutor.open()
  const { model, batches, name } = await reference(executor) ?? synthetic(executor)
  const chosen = Array.from({ length: steps }, (_, i) => batches[i % batches.length])
  const tokens = chosen.map(tokensOf).reduce((a, b) => a + b, 0)
  const ours = await trainingSteps(model, chosen)
  const forward = await scoringRate(model, chosen)
  const generation = await generationRate(model)
  const peakFlopsPerSecond = executor.machine.measurePeak()
  const peakBytes = process.resourceUsage().maxRSS * 1024
  const { threads } = executor.machine
  executor.dispose()
  const theirs = pytorchSteps(model.config, lora, chosen, threads)
  const milliseconds = median(ours.times)
  const rate = (times: readonly number[]): number => (1e3 * tokens) / times.reduce((a, b) => a + b, 0)
  const pytorch = typeof theirs === 'string' ? theirs : {
    versions: `PyTorch ${theirs.torch}, transformers ${theirs.transformers}, PEFT ${theirs.peft}, ${threads} threads`,
    milliseconds: median(theirs.milliseconds), tokensPerSecond: rate(theirs.milliseconds),
  }
  return {
    model: name, device: executor.device, tokens, steps, milliseconds, tokensPerSecond: rate(ours.times),
    flopsPerSecond: (1e3 * ours.flops) / ours.times.reduce((a, b) => a + b, 0), peakFlopsPerSecond,
    scoringTokensPerSecond: forward, generationTokensPerSecond: generation, peakBytes,
    pytorch, ratio: typeof pytorch === 'string' ? null : rate(ours.times) / pytorch.tokensPerSecond,
  }
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

/** One step that is not timed, then the batches. */
async function trainingSteps(model: LoadedModel, batches: RecordedRun['batches']): Promise<{ times: number[]; flops: number }> {
  const layout = layoutOfSettings(model.config, { rank: lora.r, alpha: lora.lora_alpha, rsLora: false, targetModules: lora.target_modules, dropout: 0 })
  const adapter: Adapter = { layout, a: new Float32Array(layout.sizeA).fill(0.01), b: new Float32Array(layout.sizeB) }
  const stepper = new Stepper(model, adapter)
  const times: number[] = []
  let flops = 0
  for (const [i, recorded] of [batches[0], ...batches].entries()) {
    const batch = toBatch(recorded)
    const start = performance.now()
    await stepper.run([batch], { learningRate: 1e-3, loraPlusRatio: 1, weightDecay: 0.01, clip: 1, seed: 0 })
    if (i === 0) continue
    times.push(performance.now() - start)
    flops += stepper.flops([batch])
  }
  stepper.dispose()
  return { times, flops }
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
