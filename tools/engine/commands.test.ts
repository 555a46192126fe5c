/** `npm run train`, `score` and `generate` as a person calls them. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { animalRows, storiesFolder } from '../../tests/helpers/stories.ts'

const folder = mkdtempSync(join(tmpdir(), 'lanista-commands-'))
const rows = join(folder, 'rows.jsonl')
writeFileSync(rows, animalRows.map((row) => JSON.stringify(row)).join('\n'))
afterAll(() => rmSync(folder, { recursive: true }))

function call(name: 'train' | 'score' | 'generate', args: string[], input = ''): { status: number | null; out: string; error: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--disable-warning=ExperimentalWarning', join(import.meta.dirname, `${name}.ts`), ...args], { encoding: 'utf8', input, timeout: 120_000 })
  return { status, out: stdout, error: stderr }
}

const json = (name: string) => JSON.parse(readFileSync(join(folder, name), 'utf8'))
const model = ['--model', storiesFolder]
const adapter = join(folder, 'adapter')

describe('on the bundled model', { timeout: 240_000 }, () => {
  it('trains: the score falls, an adapter is written, nothing is left of checkpoints', () => {
    const { status, out, error } = call('train', [...model, '--rows', rows, '--out', adapter, '--steps', '8', '--batch', '4', '--evaluate-every', '4', '--learning-rate', '1e-2', '--context', '128', '--sample', 'The cat said:', '--json', join(folder, 'train.json')])
    expect(error).toBe('')
    expect(status).toBe(0)
    expect(out).toMatch(/^wasm: WebAssembly/)
    expect(out).toMatch(/260032 parameters, \d+ trainable, 9 training rows, 0 skipped; \d+ MiB planned/)
    expect(out).toMatch(/sample {2}The cat said: → /)
    const report = json('train.json') as { bitsPerByteBefore: number; bitsPerByteAfter: number; history: { type: string }[]; peakMemory: number }
    expect(report.bitsPerByteAfter).toBeLessThan(0.8 * report.bitsPerByteBefore)
    expect(report.history.filter(({ type }) => type === 'step')).toHaveLength(8)
    expect(report.peakMemory).toBeGreaterThan(1e6)
    expect(existsSync(join(adapter, 'adapter_model.safetensors'))).toBe(true)
    expect(existsSync(join(adapter, 'checkpoint.safetensors'))).toBe(false)
  })

  it('scores base and adapter as the training said', () => {
    const { status, out } = call('score', [...model, adapter, '--rows', rows, '--context', '128', '--json', join(folder, 'score.json')])
    expect(status).toBe(0)
    const verdicts = json('score.json') as { id: string; verdict: { microBitsPerByte: number; rows: unknown[] } }[]
    expect(verdicts.map(({ id }) => id)).toEqual(['base', 'adapter'])
    expect(verdicts[0].verdict.rows).toHaveLength(10)
    expect(verdicts[1].verdict.microBitsPerByte).toBeLessThan(0.8 * verdicts[0].verdict.microBitsPerByte)
    expect(out).toContain(`adapter  ${(verdicts[1].verdict.microBitsPerByte / 1e6).toFixed(6)} bits per byte over 10 rows`)
  })

  it('answers with base and adapter side by side, and talks', () => {
    const { status, out } = call('generate', [...model, '--base', '--adapter', adapter, '--tokens', '12', '--json', join(folder, 'generate.json'), 'The cat said:'])
    expect(status).toBe(0)
    const answers = json('generate.json') as { voice: string; text: string }[]
    expect(answers.map(({ voice }) => voice)).toEqual(['base', 'adapter'])
    expect(answers[0].text).not.toBe(answers[1].text)
    expect(out).toBe(`── base\n${answers[0].text}\n── adapter\n${answers[1].text}\n`)
    const talk = call('generate', [...model, '--tokens', '4', '--json', join(folder, 'talk.json')], 'One day\nAnd then\n\n')
    expect(talk.status).toBe(0)
    expect(json('talk.json')).toHaveLength(2)
  })
})

describe('called wrongly', () => {
  it.each([
    ['train', ['--rows', rows, '--out', adapter], /--model is missing; --help shows all options/],
    ['train', [...model, '--out', adapter], /--rows is missing/],
    ['train', [...model, '--rows', join(folder, 'none.jsonl'), '--out', adapter], /there is no file .*none\.jsonl/],
    ['train', [...model, '--rows', rows, '--out', adapter, '--steps', 'many'], /--steps takes a number, not "many"/],
    ['train', [...model, '--rows', rows, '--out', adapter, '--schedule', 'up'], /schedule: /],
    ['train', [...model, '--rows', rows, '--out', adapter, '--typo'], /Unknown option '--typo'/],
    ['score', [...model, '--rows', rows, '--backend', 'cuda'], /--backend takes wasm, cpu or webgpu, not "cuda"/],
    ['generate', ['--model', join(folder, 'nowhere'), 'Hi'], /There is no model at .*nowhere[^]*Give the path of a folder/],
    ['generate', [...model, '--adapter', folder, 'Hi'], /there is no file .*adapter_config\.json/],
  ] as const)('%s %j', (name, args, message) => {
    const { status, error, out } = call(name, [...args])
    expect(error).toMatch(message)
    expect(out).toBe('')
    expect(status).toBeGreaterThan(0)
  })

  it.each(['train', 'score', 'generate'] as const)('%s --help tells all options', (name) => {
    const { status, out } = call(name, ['--help'])
    expect(status).toBe(0)
    expect(out).toMatch(new RegExp(`^npm run ${name} -- --model PATH`))
    for (const option of ['--backend', '--context', '--seed', '--json']) expect(out).toContain(option)
  })
})
