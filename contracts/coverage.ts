/**
 * Line and branch coverage of contracts/src by its tests, per file and in all. Fails below 95 %, and where a file is missing from the report.
 * The sources are compiled without optimizer and IR: only so does every line keep its place in the bytecode.
 *
 *   npm run coverage -- [--json FILE]
 */
import { spawnSync } from 'node:child_process'
import { cpSync, globSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { forgeBinary, here, root, toolPath } from './tools/forge.ts'
import { parseLcov, sumOf, type FileCoverage } from './tools/lcov.ts'

const LEAST = 0.95
const { values } = parseArgs({ options: { json: { type: 'string' } } })

/** forge counts what it compiles for the tests, so here the arena is made from its sources and not from artifacts. */
const project = join(root, '.cache', 'coverage-project')
rmSync(project, { recursive: true, force: true })
mkdirSync(join(project, 'contracts'), { recursive: true })
for (const folder of ['src', 'test']) cpSync(join(here, folder), join(project, 'contracts', folder), { recursive: true })
cpSync(join(here, 'coverage', 'Deploy.sol'), join(project, 'contracts', 'test', 'helpers', 'Deploy.sol'))
symlinkSync(join(root, 'node_modules'), join(project, 'node_modules'), 'junction')
writeFileSync(join(project, 'foundry.toml'), readFileSync(join(here, 'foundry.toml'), 'utf8')
  .split('\n').filter(line => !/^(additional_compiler_profiles|compilation_restrictions|via_ir)/.test(line)).join('\n'))

// Gas is measured on what ships, not on this build.
const done = spawnSync(forgeBinary(), [
  'coverage', '--use', join(here, 'tools', 'solc.mjs'), '--report', 'lcov', '--report-file', 'lcov.info', '--no-match-contract', 'GasTest',
], { cwd: project, stdio: ['ignore', 'inherit', 'inherit'], env: { ...process.env, PATH: toolPath(), FOUNDRY_DISABLE_NIGHTLY_WARNING: '1' } })
if (done.error) throw done.error
if (done.status !== 0) throw new Error(`forge coverage failed with exit code ${done.status}; its output is above.`)

const files = parseLcov(readFileSync(join(project, 'lcov.info'), 'utf8')).filter(({ file }) => file.startsWith('contracts/src/'))
const percent = (part: { hit: number; found: number }) => (part.found === 0 ? '–' : `${(100 * part.hit / part.found).toFixed(1)} %`)
const line = (name: string, { lines, branches }: Omit<FileCoverage, 'file' | 'missing'>) =>
  console.log(`${name.padEnd(44)}${percent(lines).padStart(8)} ${`${lines.hit}/${lines.found}`.padStart(10)}${percent(branches).padStart(10)} ${`${branches.hit}/${branches.found}`.padStart(8)}`)
console.log(`\n${'file'.padEnd(44)}   lines             branches`)
for (const file of files) line(file.file.slice('contracts/src/'.length), file)
const total = { lines: sumOf(files.map(({ lines }) => lines)), branches: sumOf(files.map(({ branches }) => branches)) }
line('all', total)
for (const { file, missing } of files) if (missing.length > 0) console.log(`not covered: ${file}: ${missing.join(', ')}`)
if (values.json) writeFileSync(values.json, `${JSON.stringify({ files, total }, null, 2)}\n`)

// Files of types, errors, events and interfaces alone have no code.
const seen = new Set(files.map(({ file }) => file))
const unseen = globSync('contracts/src/**/*.sol', { cwd: root }).filter(file => !seen.has(file) && /\bfunction\b[^;]*\{/.test(readFileSync(join(root, file), 'utf8')))
if (unseen.length > 0) throw new Error(`forge reported nothing about ${unseen.join(', ')}.`)
for (const [what, { hit, found }] of Object.entries(total)) {
  if (hit < LEAST * found) throw new Error(`${percent({ hit, found })} of ${what} covered; at least ${100 * LEAST} % are demanded.`)
}
