/** `npm run bench`; see `usage`. */
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { vulkanDrivers } from '../../workers/engine/backend/dawn.ts'
import { benchEngine } from './engine.ts'
import { benchLeague } from './league/bench.ts'
import type { SideReport } from './engineSide.ts'
import { shapes } from './shapes.ts'
import type { ShapeName } from './shapes.ts'
import { inChromium, inNode } from './where.ts'
import type { Bench } from './where.ts'

const usage = `npm run bench -- step|kernels|memory|engine|league [options]

  step      LoRA steps, ours and stock tfjs operations in turns: time, ratio, dispatches
  kernels   products beside stock tfjs and jax-js, and where a step's time goes, as
            shares of the device's measured peaks
  memory    bytes of Qwen2.5-0.5B, 1.5B and 7B by plan; layers of one really allocated and stepped
  engine    LoRA steps of stories260K, a 15M and the 135M shape on WebAssembly, plain JavaScript
            and WebGPU: tokens/s, GFLOP/s and peak memory, beside stock tfjs operations
  league    league tables over the closed beta's 112,750 validations in Chromium: from an empty
            database, and after a reload

  --on NAME      chromium (default), or Dawn in Node on a Vulkan driver: ${vulkanDrivers.join(', ')}
  --model NAME   ${Object.keys(shapes).join(', ')}
  --rows N --length N --steps N
  --tune MS      kernels: search tiles first, for so long (default 0: the defaults)
  --layers N     memory: layers that are allocated (default 2)
  --json FILE    also write the numbers to this file
`

const { values, positionals: [command] } = parseArgs({
  allowPositionals: true,
  options: {
    on: { type: 'string', default: 'chromium' }, model: { type: 'string' }, rows: { type: 'string' }, length: { type: 'string' },
    steps: { type: 'string' }, tune: { type: 'string' }, layers: { type: 'string' }, json: { type: 'string' }, help: { type: 'boolean', default: false },
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
const number = (name: 'rows' | 'length' | 'steps' | 'tune' | 'layers', fallback: number) => Number(values[name] ?? fallback)

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
  console.log(`ratio ${report.ratio.toFixed(2)}; losses differ by ${report.lossDifference.toExponential(1)} at most over ${report.steps + 1} steps`)
  return report
}

async function kernels(): Promise<unknown> {
  const bench = await open()
  const report = await bench.run('kernels', {
    model: modelName('stories15M'), rows: number('rows', 1), length: number('length', 128), tuneMilliseconds: number('tune', 0),
  })
  await bench.close()
  const { peaks, products, step } = report
  const share = (flops: number) => `${((100 * flops) / peaks.flops).toFixed(1).padStart(5)} %`
  const ms = (value: number | null) => (value === null ? '-' : value.toFixed(1)).padStart(9)
  console.log(`${report.device}: measured peaks ${giga(peaks.flops)} GFLOP/s, copy ${giga(peaks.copyBytes)} GB/s`)
  console.log('product [rows x columns x depth], ms          ours      tfjs    jax-js   GFLOP/s  of peak')
  for (const product of products) {
    const name = `${product.kind} ${product.rows}x${product.columns}x${product.depth}`
    console.log(`${name.padEnd(40)}${ms(product.milliseconds)} ${ms(product.tfjsMilliseconds)} ${ms(product.jaxMilliseconds)} ${giga(product.flopsPerSecond)}  ${share(product.flopsPerSecond)}`)
  }
  console.log(`\nstep of ${step.model}, q4_1 base, ${step.tokens} tokens\nkernel                      dispatches        ms   GFLOP/s      GB/s  of peak`)
  for (const { name, dispatches, milliseconds, flopsPerSecond, bytesPerSecond } of step.kernels) {
    console.log(`${name.padEnd(32)}${String(dispatches).padStart(6)} ${ms(milliseconds)} ${giga(flopsPerSecond)} ${giga(bytesPerSecond)}  ${share(flopsPerSecond)}`)
  }
  return report
}

const giga = (value: number) => (value / 1e9).toFixed(2).padStart(9)

async function memory(): Promise<unknown> {
  const bench = await open()
  const report = await bench.run('memory', { model: modelName('qwen2.5-7b'), layers: number('layers', 2), length: number('length', 1024), stepTokens: number('rows', 4) })
  await bench.close()
  const gigabytes = (value: number) => `${(value / 1e9).toFixed(3)} GB`
  const line = ({ model, tokens, weights, training, activations, total, limit }: (typeof report.models)[number]) => console.log(
    `${model.padEnd(22)} ${tokens} tokens: weights ${gigabytes(weights)}, adapter and optimiser ${gigabytes(training)}, activations ${gigabytes(activations)}, total ${gigabytes(total)}` +
    (limit ? ` (limit ${gigabytes(limit)}: ${total <= limit ? 'fits' : 'TOO MUCH'})` : ''))
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

const commands: Record<string, () => Promise<unknown>> = { step, kernels, memory, engine, league }
if (values.help || !command) {
  console.log(usage)
  process.exit(values.help ? 0 : 2)
}
const report = await (commands[command] ?? (() => fail(usage)))()
if (values.json) writeFileSync(values.json, `${JSON.stringify(report, null, 1)}\n`)
process.exit(0)
