/** An adapter exported here, loaded by PEFT in Python: the same logits. Needs Python with torch, transformers and peft. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { freshAdapter } from '../../workers/engine/lora/adapter.ts'
import { layoutOfSettings } from '../../workers/engine/lora/layout.ts'
import { exportPeft } from '../../workers/engine/lora/peftExport.ts'
import { placeAdapter } from '../../workers/engine/lora/residentAdapter.ts'
import { loraSettingsSchema } from '../../workers/engine/lora/settings.ts'
import { loadModel } from '../../workers/engine/model/loadModel.ts'
import { modelFolder } from '../../workers/engine/node/modelFolder.ts'
import { openExecutor } from '../../workers/engine/plan/execute/openExecutor.ts'
import { openModel } from '../../workers/engine/weights/openModel.ts'
import { findPython } from './findPython.ts'
import { largestDifference, logitsOf } from './logits.ts'

const base = join(import.meta.dirname, '../../public/models/stories260K')

it('PEFT gives the logits that are given here', { timeout: 300_000 }, async ({ skip }) => {
  const { python, missing } = findPython(['torch', 'transformers', 'peft'])
  if (!python) {
    console.warn(`The adapters exported here are NOT checked against PEFT: no Python with torch, transformers and peft is here. Name one in LANISTA_PYTHON.\n${missing.join('\n')}`)
    return skip('no Python with PEFT')
  }
  const model = await loadModel(await openModel(await modelFolder(base)), (await openExecutor(['wasm'])).executor)
  const folder = mkdtempSync(join(tmpdir(), 'lanista-peft-'))
  try {
    const settings = loraSettingsSchema.parse({ rank: 4, alpha: 8, targetModules: 'all-linear', rsLora: true })
    const adapter = freshAdapter(layoutOfSettings(model.config, settings), 3)
    for (let i = 0; i < adapter.b.length; i++) adapter.b[i] = 0.1 * Math.sin(i)
    for (const [name, bytes] of Object.entries(exportPeft(adapter, { baseModel: base, dropout: 0, rsLora: true }))) writeFileSync(join(folder, name), bytes)
    const ids = [1, 403, 407, 261, 378, 432, 383, 286, 261, 376, 298, 315, 421, 395]
    writeFileSync(join(folder, 'ids.json'), JSON.stringify(ids))
    const { status, stdout, stderr } = spawnSync(python, [join(import.meta.dirname, 'peftLogits.py'), base, folder, join(folder, 'ids.json')], { encoding: 'utf8', maxBuffer: 2 ** 24 })
    expect(status, stderr).toBe(0)
    const theirs = JSON.parse(stdout) as { base: number[]; tuned: number[] }
    const ours = await logitsOf(model, ids, [ids.length - 1])
    const oursTuned = await logitsOf(model, ids, [ids.length - 1], placeAdapter(model.executor, 'test', adapter))
    console.log(`largest differences of logits: base ${largestDifference(ours, theirs.base).toExponential(1)}, with the adapter ${largestDifference(oursTuned, theirs.tuned).toExponential(1)}`)
    expect(largestDifference(ours, oursTuned)).toBeGreaterThan(1)
    expect(largestDifference(ours, theirs.base)).toBeLessThan(1e-4)
    expect(largestDifference(oursTuned, theirs.tuned)).toBeLessThan(1e-4)
  } finally {
    model.executor.dispose()
    rmSync(folder, { recursive: true })
  }
})
