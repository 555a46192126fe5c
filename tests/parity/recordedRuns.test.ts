import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadModel } from '../../workers/engine/model/loadModel.ts'
import type { LoadedModel } from '../../workers/engine/model/loadModel.ts'
import { modelFolder } from '../../workers/engine/node/modelFolder.ts'
import type { Executor } from '../../workers/engine/plan/execute/executor.ts'
import { openExecutor } from '../../workers/engine/plan/execute/openExecutor.ts'
import { openModel } from '../../workers/engine/weights/openModel.ts'
import { missingReference, referencePath } from '../helpers/reference.ts'
import { replayRun } from './recordedRun.ts'
import type { RunDifferences } from './recordedRun.ts'

/** The reference models' README: what the engine in float32 must stay within. */
const tolerances: Omit<RunDifferences, 'steps'> = {
  lossRelative: 1e-4, gradientNormRelative: 1e-3, firstGradients: 1e-3, finalAdapter: 2e-2, lossAfterRelative: 1e-4, finalLogits: 2e-3,
}

const runs: [model: string, run: string][] = [
  ['stories260K/hf', 'stories260K/trajectories/qv-r4'],
  ['stories260K/hf', 'stories260K/trajectories/all-r8-rslora-decay-clip-cosine'],
  ['stories260K/hf', 'stories260K/trajectories/all-r8-loraplus-accumulate-randomB'],
  ...['tiny-llama3-rope-bf16-sharded', 'tiny-mistral-window16-f16', 'tiny-qwen2-tied', 'tiny-qwen3-untied']
    .map((name): [string, string] => [name, `${name}/trajectory`]),
]

describe('fine-tunings recorded with PyTorch and PEFT, replayed on wasm', () => {
  let executor: Executor
  beforeAll(async () => {
    executor = (await openExecutor(['wasm'])).executor
  })
  afterAll(() => executor.dispose())

  for (const [model, run] of runs) {
    const present = referencePath('models', run)
    it.skipIf(!present)(present ? run : missingReference('models', run), async () => {
      executor.release('')
      const loaded: LoadedModel = await loadModel(await openModel(await modelFolder(referencePath('models', model)!)), executor)
      const differences = await replayRun(present!, loaded)
      for (const [name, limit] of Object.entries(tolerances)) {
        expect(differences[name as keyof RunDifferences], name).toBeLessThan(limit)
      }
    })
  }
})
