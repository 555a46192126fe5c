/** `npm run parity`: other people's numbers replayed; see `usage`. */
import { existsSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { openExecutor } from '../../workers/engine/plan/execute/openExecutor.ts'
import { referencePath } from '../helpers/reference.ts'
import { Bases, checkPath, recordsIn, reportLine } from './checkPath.ts'
import type { PathReport } from './checkPath.ts'
import { diskFolder } from './diskFolder.ts'
import { checkInChromium } from './inChromium.ts'

const usage = `npm run parity -- PATH… [--backend wasm|cpu|webgpu] [--models DIR] [--json FILE]

Replays numbers that PyTorch, PEFT or llama2.c computed and prints one line per
folder: the largest difference of each kind and what is allowed. A folder holds
  golden.json        logits or greedy token ids of the model beside it
  golden-logits.json the same for one text
  run.json           a recorded fine-tuning, with initial/, final/, …
  scores.json        bits per byte of a base and of adapters
Folders inside PATH are found too. Exits with 1 beyond a tolerance.

  --backend  wasm (default), cpu, or webgpu, which runs in headless Chromium
  --models   where bases are looked up by name (default: the reference data)
  --json     also write the numbers to this file
`

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { backend: { type: 'string', default: 'wasm' }, models: { type: 'string' }, json: { type: 'string' }, help: { type: 'boolean', default: false } },
})

function fail(message: string): never {
  console.error(message)
  process.exit(2)
}

if (values.help) {
  console.log(usage)
  process.exit(0)
}
if (!positionals.length) fail(usage)
const models = values.models ?? referencePath('models')
if (!models || !existsSync(models)) fail('The folder of base models is not there: name it with --models DIR.')
const missing = positionals.filter((path) => !existsSync(path))
if (missing.length) fail(`There is no ${missing.join(', ')}.`)

// A path without records stays in the list, so that it gets a line and fails.
const found = await Promise.all(positionals.map(async (path) => {
  const records = await recordsIn(diskFolder(resolve(path)))
  return records.length ? records.map(({ path }) => path) : [resolve(path)]
}))
const paths = [...new Set(found.flat())]

const reports: PathReport[] = []
const tell = (report: PathReport): void => {
  reports.push(report)
  console.log(reportLine(report))
}
if (values.backend === 'webgpu') await checkInChromium(paths, resolve(models), tell)
else if (values.backend === 'wasm' || values.backend === 'cpu') {
  const { executor } = await openExecutor([values.backend])
  const bases = new Bases(executor)
  for (const path of paths) tell(await checkPath(diskFolder(path), diskFolder(resolve(models)), bases))
  executor.dispose()
} else fail(`There is no backend "${values.backend}": choose wasm, cpu or webgpu.`)

if (values.json) writeFileSync(values.json, `${JSON.stringify({ backend: values.backend, reports }, null, 1)}\n`)
const failed = reports.filter(({ ok }) => !ok).length
console.log(`${reports.length - failed} within tolerance, ${failed} not, on ${values.backend}.${values.json ? ` Written to ${join(values.json)}.` : ''}`)
process.exit(failed || reports.length < paths.length ? 1 : 0)
