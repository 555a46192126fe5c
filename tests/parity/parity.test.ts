import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openExecutor } from '../../workers/engine/plan/execute/openExecutor.ts'
import { missingReference, referencePath } from '../helpers/reference.ts'
import { Bases, checkPath, recordsIn, reportLine } from './checkPath.ts'
import { diskFolder } from './diskFolder.ts'

/** SmolLM2 comes last: it takes a minute or two. */
const names = ['stories260K', 'tiny-llama3-rope-bf16-sharded', 'tiny-mistral-window16-f16', 'tiny-qwen2-tied', 'tiny-qwen3-untied', 'smollm2-135m']
const models = referencePath('models')

describe.skipIf(!models)(models ? "PyTorch's, PEFT's and llama2.c's numbers, replayed on wasm" : missingReference('models'), async () => {
  const folders = models ? (await Promise.all(names.map((name) => recordsIn(diskFolder(models).folder(name))))).flat() : []
  let bases: Bases
  beforeAll(async () => {
    bases = new Bases((await openExecutor(['wasm'])).executor)
  })
  afterAll(() => bases.executor.dispose())

  it('are all there', () => expect(folders).toHaveLength(1 + 3 + 2 * 4 + 2))

  it('fail where a number is beyond its tolerance, or a file is missing', async () => {
    const copy = mkdtempSync(join(tmpdir(), 'lanista-parity-'))
    try {
      cpSync(join(models!, 'tiny-qwen2-tied', 'trajectory'), copy, { recursive: true })
      const path = join(copy, 'run.json')
      const run = JSON.parse(readFileSync(path, 'utf8')) as { losses: number[] }
      run.losses[1] *= 1 + 2e-4
      writeFileSync(path, JSON.stringify(run))
      const report = await checkPath(diskFolder(copy), diskFolder(models!), bases)
      expect(report).toMatchObject({ ok: false, differences: { lossRelative: { tolerance: 1e-4 } } })
      expect(reportLine(report)).toMatch(/^FAIL .* lossRelative 2\.0e-4 \(≤ 0\.0001\) !/)
      rmSync(join(copy, 'first_gradients.safetensors'))
      expect(await checkPath(diskFolder(copy), diskFolder(models!), bases)).toMatchObject({ ok: false, error: expect.stringMatching(/has no first_gradients/) })
      rmSync(path)
      expect(await checkPath(diskFolder(copy), diskFolder(models!), bases)).toMatchObject({ ok: false, error: expect.stringMatching(/holds no golden\.json/) })
    } finally {
      rmSync(copy, { recursive: true })
    }
  })

  for (const folder of folders) {
    it(relative(models!, folder.path), { timeout: 900_000 }, async () => {
      const { error, differences } = await checkPath(folder, diskFolder(models!), bases)
      expect(error).toBeUndefined()
      for (const [measure, { value, tolerance }] of Object.entries(differences)) expect(value, measure).toBeLessThanOrEqual(tolerance)
    })
  }
})
