/** `npm run kernels [--check]`: compiles the WebAssembly kernels; with --check only says whether the compiled ones are of these sources. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { compileKernels } from './compileKernels.ts'

const { values: { check } } = parseArgs({ options: { check: { type: 'boolean', default: false } } })
const folder = join(import.meta.dirname, '..', 'workers', 'engine', 'backend', 'wasm')
for (const [name, bytes] of await compileKernels()) {
  const path = join(folder, name)
  if (!check) writeFileSync(path, bytes)
  else if (!readFileSync(path).equals(bytes)) {
    console.error(`${name} is not what its sources compile to. Run npm run kernels.`)
    process.exitCode = 1
  }
  console.log(`${name}: ${bytes.length} bytes`)
}
