import { relative } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openExecutor } from '../../workers/engine/plan/execute/openExecutor.ts'
import { missingReference, referencePath } from '../helpers/reference.ts'
import { Bases, checkPath, recordsIn } from './checkPath.ts'
import { diskFolder } from './diskFolder.ts'

/** SmolLM2 takes minutes; `npm run parity` checks it. */
const names = ['stories260K', 'tiny-llama3-rope-bf16-sharded', 'tiny-mistral-window16-f16', 'tiny-qwen2-tied', 'tiny-qwen3-untied']
const models = referencePath('models')

describe.skipIf(!models)(models ? "PyTorch's, PEFT's and llama2.c's numbers, replayed on wasm" : missingReference('models'), async () => {
  const folders = models ? (await Promise.all(names.map((name) => recordsIn(diskFolder(models).folder(name))))).flat() : []
  let bases: Bases
  beforeAll(async () => {
    bases = new Bases((await openExecutor(['wasm'])).executor)
  })
  afterAll(() => bases.executor.dispose())

  it('are all there', () => expect(folders).toHaveLength(1 + 3 + 2 * 4))

  for (const folder of folders) {
    it(relative(models!, folder.path), async () => {
      const { error, differences } = await checkPath(folder, diskFolder(models!), bases)
      expect(error).toBeUndefined()
      for (const [measure, { value, tolerance }] of Object.entries(differences)) expect(value, measure).toBeLessThanOrEqual(tolerance)
    })
  }
})
