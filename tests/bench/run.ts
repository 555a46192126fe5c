/** `npm run bench`; see `usage`. */
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { vulkanDrivers } from '../../workers/engine/backend/dawn.ts'
import type { ModelConfig } from '../../workers/engine/model/config.ts'
import { benchEngine } from './engine.ts'
import { benchFallback } from './fallback.ts'
import { benchLeague } from './league/bench.ts'
import type { SideReport } from './engineSide.ts'
import type { ProfileReport } from './profile.ts'
import { shapes } from './shapes.ts'
import type { ShapeName } from './shapes.ts'
import { syntheticFormats } from './syntheticModel.ts'
import type { SyntheticFormat } from './syntheticModel.ts'
import { torchStep } from './torch.ts'
import { inChromium, inNode } from './where.ts'
import type { Bench } from './where.ts'

const usage = `npm run bench -- step|kernels|profile|memory|gpu|engine|fallback|league [options]

  step      LoRA steps, ours and stock tfjs operations in turns (10 at most of those): time, ratio,
            dispatches, and what is held after 1, 10, 100, … steps
  kernels   products beside stock tfjs and jax-js, packed weights unpacked inside the loop and
            once to scratch; and a step by kernel
  profile   a step by kernel: time, GFLOP/s, GB/s, shares of the device's measured peaks
  memory    bytes of Qwen2.5-0.5B, 1.5B and 7B by plan, and as asked of WebGPU: whole models up to
            2 GB, of a larger one some layers and the head, which also do a step
  gpu       the 0.5B and 1.5B shapes at 1,024 and 4,096 tokens: share of the measured float32 peak
            per kernel and per step, beside PyTorch on the same card where Python has it
  engine    LoRA steps of stories260K, a 15M and the 135M shape on WebAssembly, plain JavaScript
            and WebGPU: tokens/s, GFLOP/s and peak memory, beside stock tfjs operations
  fallback  LoRA steps of SmolLM2-135M on WebAssembly in Node beside PyTorch float32 on the same processor
            (of LANISTA_PYTHON, or python3): tokens/s, GFLOP/s, share of the measured peak; scoring, generation
  league    league tables over the closed beta's 112,750 validations in Chromium: from an empty
            database, and after a reload

  --on NAME      chromium (default), or Dawn in Node on a Vulkan driver: ${vulkanDrivers.join(', ')}
  --model NAME   ${Object.keys(shapes).join(', ')}
  --rows N --length N --steps N
  --tune MS      kernels, profile, gpu: search tiles first, for so long (default 0; gpu 20000)
  --layers N     memory: layers that are allocated (default 2); profile, gpu: cut the model to so many
  --tokens LIST  gpu: tokens of a step (default 1024,4096)
  --models LIST  gpu: model shapes (default qwen2.5-0.5b,qwen2.5-1.5b)
  --format NAME  profile, gpu: the base's packing (default nf4)
  --rank N       profile, gpu: LoRA's rank (default 16)
  --exact        profile, gpu: no 16-bit floats
  --torch NAME   gpu: PyTorch's device (default cuda)
  --json FILE    also write the numbers to this file
`

const { values, positionals: [command] } = parseArgs({
  allowPositionals: true,
  options: {
    on: { type: 'string', default: 'chromium' }, model: { type: 'string' }, rows: { type: 'string' }, length: { type: 'string' },
    steps: { type: 'string' }, tune: { type: 'string' }, layers: { type: 'string' }, tokens: { type: 'string', default: '1024,4096' },
    models: { type: 'string', default: 'qwen2.5-0.5b,qwen2.5-1.5b' }, format: { type: 'string', default: 'nf4' }, rank: { type: 'string' },
    exact: { type: 'boolean', default: false }, torch: { type: 'string', default: 'cuda' }, json: { type: 'string' }, help: { type: 'boolean', default: false },
  },
})

function fail(message: string): never {
  console.error(message)
  process.exit(2)
}

async function open(): Promise<Bench> {
  if (values.on === 'chromium') return inChromium()
  const driver = vulkanDrivers.find((name) => name === values.on)
  return driver ? inNode(driver) : fail(`There is no "${values.on}" to run on.`)
}

const modelName = (fallback: ShapeName): ShapeName => {
  const name = (values.model ?? fallback) as ShapeName
  return name in shapes ? name : fail(`There is no model shape "${name}".`)
}
const number = (name: 'rows' | 'length' | 'steps' | 'tune' | 'layers' | 'rank', fallback: number) => Number(values[name] ?? fallback)
const formatName = (): SyntheticFormat => syntheticFormats.find((name) => name === values.format) ?? fail(`There is no made-up base in "${values.format}".`)

async function step(): Promise<unknown> {
  const bench = await open()
  const report = await bench.run('step', {
    model: modelName('stories260K'), rows: number('rows', 4), length: number('length', 64), steps: number('steps', 10),
  })
  await bench.close()
  const line = (name: string, side: typeof report.ours) => console.log(
    `${name.padEnd(12)} ${side.milliseconds.toFixed(1).padStart(9)} ms/step   first ${side.firstMilliseconds.toFixed(0).padStart(6)} ms   ` +
    `${String(side.dispatches).padStart(5)} dispatches   ${(side.bytesBound / 1e6).toFixed(1).padStart(8)} MB bound`)
  console.log(`${report.model}, ${report.rows}x${report.length} tokens, LoRA r=8 all-linear, on ${report.device}`)
  line('ours', report.ours)
  line('stock tfjs', report.stock)
  console.log(`ratio ${report.ratio.toFixed(2)}; losses differ by ${report.lossDifference.toExponential(1)} at most over ${report.stock.losses.length} steps`)
  for (const { step, gpuBytes, heapBytes } of report.held) {
    console.log(`held after ${String(step).padStart(5)} steps: ${gpuBytes} bytes asked of WebGPU, ${(heapBytes / 2 ** 20).toFixed(1)} MiB of JS heap`)
  }
  return report
}

async function kernels(): Promise<unknown> {
  const bench = await open()
  const report = await bench.run('kernels', {
    model: modelName('stories15M'), rows: number('rows', 1), length: number('length', 128), tuneMilliseconds: number('tune', 0),
  })
  await bench.close()
  const { peaks, products } = report
  console.log(`${report.device}: measured peaks ${giga(peaks.flops)} GFLOP/s, copy ${giga(peaks.copyBytes)} GB/s`)
  console.log('product [rows x columns x depth], ms           inside      once      tfjs    jax-js   GFLOP/s  of peak')
  for (const { kind, rows, columns, depth, insideMilliseconds, onceMilliseconds, tfjsMilliseconds, jaxMilliseconds, flopsPerSecond } of products) {
    const times = [insideMilliseconds, onceMilliseconds, tfjsMilliseconds, jaxMilliseconds].map(milliseconds).join(' ')
    console.log(`${`${kind} ${rows}x${columns}x${depth}`.padEnd(42)} ${times} ${giga(flopsPerSecond)}  ${percent(flopsPerSecond / peaks.flops)}`)
  }
  printProfile(report.step)
  return report
}

const milliseconds = (value: number | null) => (value === null ? '-' : value.toFixed(value < 10 ? 2 : 1)).padStart(9)
const percent = (share: number) => `${(100 * share).toFixed(1).padStart(5)} %`

function printProfile({ model, layers, format, rows, length, device, peaks, flops, share, dispatches, kernels: parts, milliseconds: whole }: ProfileReport): void {
  const cut = layers ? ` cut to ${layers} layers` : ''
  console.log(`\n${model}${cut}, ${format} base, ${rows}x${length} tokens on ${device} (peaks ${giga(peaks.flops).trim()} GFLOP/s, ${giga(peaks.copyBytes).trim()} GB/s)`)
  console.log(`forward and backward ${whole.toFixed(1)} ms, ${dispatches} dispatches, ${giga(flops).trim()} GFLOP: ${percent(share).trim()} of the peak`)
  console.log('kernel                          count        ms   GFLOP/s  of peak      GB/s  of copy')
  for (const { name, dispatches: count, milliseconds: time, flops: work, bytes } of parts) {
    // Timestamps are coarse: what is too short for them has no rate.
    const [perSecond, bandwidth] = time > 0 ? [(1e3 * work) / time, (1e3 * bytes) / time] : [0, 0]
    console.log(`${name.padEnd(31)}${String(count).padStart(6)} ${milliseconds(time)} ${giga(perSecond)}  ${percent(perSecond / peaks.flops)} ${giga(bandwidth)}  ${percent(bandwidth / peaks.copyBytes)}`)
  }
}

/** What `profile` and `gpu` ask for alike. */
const profiled = (model: ShapeName, length: number, tuneMilliseconds: number) => ({
  model, length, layers: number('layers', 0), rank: number('rank', 16), format: formatName(), steps: number('steps', 3),
  tuneMilliseconds: number('tune', tuneMilliseconds), half: !values.exact,
})

async function profile(): Promise<unknown> {
  const bench = await open()
  const report = await bench.run('profile', { ...profiled(modelName('stories15M'), number('length', 128), 0), rows: number('rows', 1), gradientCheckpointing: false })
  await bench.close()
  printProfile(report)
  return report
}

async function gpu(): Promise<unknown> {
  const bench = await open()
  const reports: unknown[] = []
  for (const name of values.models.split(',')) {
    if (!(name in shapes)) fail(`There is no model shape "${name}".`)
    const model = name as ShapeName
    for (const tokens of values.tokens.split(',').map(Number)) {
      const report = await bench.run('profile', { ...profiled(model, tokens, 20_000), rows: 1, gradientCheckpointing: true })
      printProfile(report)
      const config: ModelConfig = { ...shapes[model], layers: report.layers || shapes[model].layers }
      const torch = torchStep(config, { tokens, rank: report.rank, checkpointing: true, steps: report.steps, device: values.torch })
      console.log(typeof torch === 'string' ? torch
        : `PyTorch ${torch.version} on ${torch.device}: ${torch.float32.toFixed(1)} ms a step in float32 (${(report.milliseconds / torch.float32).toFixed(2)} times it here), ${torch.bfloat16.toFixed(1)} with bfloat16`)
      reports.push({ ...report, torch })
    }
  }
  await bench.close()
  return reports
}

const giga = (value: number) => (value / 1e9).toFixed(2).padStart(9)

async function memory(): Promise<unknown> {
  const bench = await open()
  const report = await bench.run('memory', { model: modelName('qwen2.5-7b'), layers: number('layers', 2), length: number('length', 1024), stepTokens: number('rows', 4), allocateUpTo: 2e9 })
  await bench.close()
  const gigabytes = (value: number) => `${(value / 1e9).toFixed(3)} GB`
  const line = ({ model, format, tokens, weights, training, activations, total, limit, requested }: (typeof report.models)[number]) => console.log(
    `${`${model} ${format}`.padEnd(27)} ${tokens} tokens: weights ${gigabytes(weights)}, adapter and optimiser ${gigabytes(training)}, activations ${gigabytes(activations)}, total ${gigabytes(total)}` +
    (limit ? ` (limit ${gigabytes(limit)}: ${total <= limit ? 'fits' : 'TOO MUCH'})` : '') + (requested === null ? '' : `; asked of WebGPU ${gigabytes(requested)}`))
  report.models.forEach(line)
  const { planned, requested, milliseconds, loss, gradientNorm, stepTokens } = report.stepped
  line(planned)
  console.log(`  WebGPU was asked for ${gigabytes(requested)} (${((100 * requested) / planned.total).toFixed(1)} % of the plan); a step of ${stepTokens} tokens took ${(milliseconds / 1000).toFixed(1)} s, loss ${loss.toFixed(4)}, gradient norm ${gradientNorm.toExponential(3)}, on ${report.device}`)
  return report
}

async function engine(): Promise<unknown> {
  console.log('LoRA steps, r=8 on q and v, Q4_1 base    tokens  ms/step  tokens/s   GFLOP/s  peak MB   stock tfjs: ms/step  tokens/s   GFLOP/s  peak MB   ratio  loss differs')
  const numbers = ({ milliseconds, tokensPerSecond, flopsPerSecond, peakBytes }: SideReport) =>
    `${milliseconds.toFixed(milliseconds < 100 ? 1 : 0).padStart(8)} ${tokensPerSecond.toFixed(1).padStart(9)} ${giga(flopsPerSecond)} ${(peakBytes / 1e6).toFixed(0).padStart(8)}`
  return benchEngine(values.model === undefined ? undefined : modelName('smollm2-135m'), open, ({ model, ours, stock }) => {
    const beside = stock
      ? `            ${numbers(stock)} ${(stock.milliseconds / ours.milliseconds).toFixed(1).padStart(7)}  ${Math.abs(ours.loss / stock.loss - 1).toExponential(1)}`
      : ''
    console.log(`${`${model} on ${ours.device}`.slice(0, 40).padEnd(40)} ${String(ours.tokens).padStart(6)} ${numbers(ours)}${beside}`)
  })
}

async function league(): Promise<unknown> {
  const report = await benchLeague(step => { console.error(step) })
  const { validations, models, events, cold, warm, storedBytes } = report
  console.log(`${validations.toLocaleString('en')} validations of ${models.toLocaleString('en')} models, ${events.toLocaleString('en')} events; every rank, reward and slash equal to src/arena's`)
  console.log(`cold: ${cold.milliseconds.toFixed(0)} ms from an empty database to all tables (events read and stored after ${cold.syncMilliseconds.toFixed(0)} ms)`)
  console.log(`warm: ${warm.milliseconds.toFixed(1)} ms after a reload (${warm.sinceNavigation.toFixed(0)} ms since its start); in step with the chain ${warm.inStepMilliseconds.toFixed(0)} ms later`)
  console.log(`${(storedBytes / 1e6).toFixed(1)} MB stored`)
  return report
}

async function fallback(): Promise<unknown> {
  const report = await benchFallback(number('steps', 8))
  const { ours, pytorch, bestFlopsPerSecond, peakFlopsPerSecond, ratio, bestRatio } = report
  const rate = (value: number) => value.toFixed(1)
  const line = (name: string, { milliseconds, tokensPerSecond, bestTokensPerSecond }: typeof ours, rest: string) =>
    console.log(`${name.padEnd(9)}${milliseconds.toFixed(0)} ms/step, ${rate(tokensPerSecond)} tokens/s (medians), ${rate(bestTokensPerSecond)} at best; ${rest}`)
  console.log(`${report.model}, ${report.steps} steps of about ${report.tokens} tokens, LoRA r=8 on q and v; ${report.device}`)
  line('ours', ours, `${giga(bestFlopsPerSecond).trim()} GFLOP/s at best, ${((100 * bestFlopsPerSecond) / peakFlopsPerSecond).toFixed(0)} % of the measured peak of ${giga(peakFlopsPerSecond).trim()}`)
  console.log(`         scoring ${rate(report.scoringTokensPerSecond)} tokens/s, generation ${rate(report.generationTokensPerSecond)} tokens/s; peak memory ${(report.peakBytes / 1e9).toFixed(2)} GB`)
  if (typeof pytorch === 'string') console.log(pytorch)
  else {
    line('PyTorch', pytorch, pytorch.versions)
    console.log(`ratio ${ratio!.toFixed(2)} of PyTorch's rate, ${bestRatio!.toFixed(2)} of fastest steps (target: at least 0.50)`)
  }
  return report
}

const commands: Record<string, () => Promise<unknown>> = { step, kernels, profile, memory, gpu, engine, fallback, league }
if (values.help || !command) {
  console.log(usage)
  process.exit(values.help ? 0 : 2)
}
const report = await (commands[command] ?? (() => fail(usage)))()
if (values.json) writeFileSync(values.json, `${JSON.stringify(report, null, 1)}\n`)
process.exit(0)
