/** `npm run bench`; see `usage`. */
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { vulkanDrivers } from '../../workers/engine/backend/dawn.ts'
import { shapes } from './shapes.ts'
import type { ShapeName } from './shapes.ts'
import { inChromium, inNode } from './where.ts'
import type { Bench } from './where.ts'

const usage = `npm run bench -- step [options]

  step      LoRA steps, ours and stock tfjs operations in turns: time, ratio, dispatches

  --on NAME      chromium (default), or Dawn in Node on a Vulkan driver: ${vulkanDrivers.join(', ')}
  --model NAME   ${Object.keys(shapes).join(', ')}
  --rows N --length N --steps N
  --json FILE    also write the numbers to this file
`

const { values, positionals: [command] } = parseArgs({
  allowPositionals: true,
  options: {
    on: { type: 'string', default: 'chromium' }, model: { type: 'string' }, rows: { type: 'string' }, length: { type: 'string' },
    steps: { type: 'string' }, json: { type: 'string' }, help: { type: 'boolean', default: false },
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
const number = (name: 'rows' | 'length' | 'steps', fallback: number) => Number(values[name] ?? fallback)

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

const commands: Record<string, () => Promise<unknown>> = { step }
if (values.help || !command) {
  console.log(usage)
  process.exit(values.help ? 0 : 2)
}
const report = await (commands[command] ?? (() => fail(usage)))()
if (values.json) writeFileSync(values.json, `${JSON.stringify(report, null, 1)}\n`)
process.exit(0)
