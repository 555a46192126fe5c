import { layoutOfSettings } from '../../workers/engine/lora/layout.ts'
import type { WasmExecutor } from '../../workers/engine/plan/execute/wasm.ts'
import { layOut } from '../../workers/engine/training/batch.ts'
import { Stepper } from '../../workers/engine/training/stepper.ts'
import { shapes } from '../bench/shapes.ts'
import { placeSyntheticModel } from '../bench/syntheticModel.ts'

export interface Trained {
  device: string
  threads: number
  losses: number[]
}

/** Three LoRA steps of a small model with made-up weights. */
export async function threeSteps(executor: WasmExecutor): Promise<Trained> {
  const config = shapes.stories260K
  const layout = layoutOfSettings(config, { rank: 8, alpha: 16, rsLora: false, targetModules: 'all-linear', dropout: 0.1 })
  const adapter = { layout, a: new Float32Array(layout.sizeA).fill(0.01), b: new Float32Array(layout.sizeB).fill(0.01) }
  const stepper = new Stepper(placeSyntheticModel(config, executor, 'q4_1'), adapter, { dropout: 0.1 })
  const ids = Array.from({ length: 70 }, (_, i) => (i * 37) % config.vocabularySize)
  const batch = layOut([[{ ids, labels: ids }], [{ ids: ids.slice(20), labels: ids.slice(20) }]], 70)
  const losses: number[] = []
  for (let seed = 0; seed < 3; seed++) {
    losses.push((await stepper.run([batch], { learningRate: 1e-2, loraPlusRatio: 1, weightDecay: 0.01, clip: 1, seed })).loss)
  }
  const { device, machine: { threads } } = executor
  executor.dispose()
  return { device, threads, losses }
}
