/** `npm test`: everything that must hold, in the order in which it fails fastest. */
import { spawnSync } from 'node:child_process'
import { parseArgs } from 'node:util'
import { ensureChromium } from '../tools/chromium.ts'

const steps: [name: string, command: string, ...args: string[]][] = [
  ['contracts build', 'node', 'contracts/build.ts'],
  ['types', 'tsc', '--noEmit'],
  ['components', 'svelte-check', '--threshold', 'warning', '--output', 'human'],
  ['lint', 'eslint', '.', '--max-warnings', '0'],
  ['contracts', 'node', 'contracts/test.ts'],
  ['unit', 'vitest', 'run'],
  ['browser', 'node', 'tests/e2e/run.ts'],
]

const { values } = parseArgs({ options: { only: { type: 'string', multiple: true } } })
const chosen = values.only ? steps.filter(([name]) => values.only!.includes(name)) : steps
if (chosen.length === 0) {
  console.error(`--only takes one of: ${steps.map(([name]) => name).join(', ')}`)
  process.exit(2)
}

process.env.CHROMIUM_PATH = ensureChromium()

const results = chosen.map(([name, command, ...args]) => {
  console.log(`\n── ${name}: ${command} ${args.join(' ')}`)
  const started = performance.now()
  const { status, error } = spawnSync(command, args, { stdio: 'inherit' })
  if (error) console.error(error.message)
  return { name, ok: status === 0, seconds: (performance.now() - started) / 1000 }
})

console.log('\n── summary')
for (const { name, ok, seconds } of results) console.log(`${ok ? 'ok    ' : 'FAILED'} ${name.padEnd(16)} ${seconds.toFixed(1).padStart(7)} s`)
const failed = results.filter((result) => !result.ok).length
console.log(`${results.length - failed} passed, ${failed} failed`)
process.exit(failed ? 1 : 0)
