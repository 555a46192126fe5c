/** `npm test`: everything that must hold, in the order in which it fails fastest. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
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

/** What tells of a failure in the output of any of the steps, to be read again after the summary. */
const TELLING = /\bFAIL|(^|\s)[×✗]\s|^\w*Error: |error TS|\d failed/
const MOST = 12

const results = []
for (const [name, command, ...args] of chosen) {
  console.log(`\n── ${name}: ${command} ${args.join(' ')}`)
  const started = performance.now()
  const child = spawn(command, args, { stdio: ['inherit', 'pipe', 'pipe'], env: { ...process.env, FORCE_COLOR: undefined, NO_COLOR: '1' } })
  const telling: string[] = []
  for (const stream of [child.stdout, child.stderr]) {
    void (async () => {
      for await (const line of createInterface(stream)) {
        console.log(line)
        if (TELLING.test(line)) telling.push(line.trim().slice(0, 200))
      }
    })()
  }
  const ok = await once(child, 'close').then(([code]) => code === 0, (error: Error) => (telling.push(error.message), false))
  results.push({ name, ok, telling, seconds: (performance.now() - started) / 1000 })
}

console.log('\n── summary')
for (const { name, ok, seconds } of results) console.log(`${ok ? 'ok    ' : 'FAILED'} ${name.padEnd(16)} ${seconds.toFixed(1).padStart(7)} s`)
const failed = results.filter((result) => !result.ok).length
console.log(`${results.length - failed} passed, ${failed} failed`)
// At the very end, where it is still seen when a long output is cut.
for (const { name, telling } of results.filter((result) => !result.ok)) console.log(`\n${name}:\n${telling.slice(-MOST).join('\n')}`)
process.exit(failed ? 1 : 0)
