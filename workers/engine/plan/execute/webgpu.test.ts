import '@tensorflow/tfjs'
import { afterAll, describe, expect, it } from 'vitest'
import { diskFolder } from '../../../../tests/parity/diskFolder.ts'
import { replayRun } from '../../../../tests/parity/recordedRun.ts'
import { testGpu } from '../../../../tests/helpers/gpu.ts'
import { missingReference, referencePath } from '../../../../tests/helpers/reference.ts'
import { openStories } from '../../../../tests/helpers/stories.ts'
import { layoutOfSettings } from '../../lora/layout.ts'
import { TunedTiles } from '../../backend/tuning/tunedTiles.ts'
import { layOut } from '../../training/batch.ts'
import { Stepper } from '../../training/stepper.ts'
import { planTraining } from '../training.ts'
import { plannedMemory } from './webgpu/plannedMemory.ts'
import { WebGpuExecutor } from './webgpu.ts'

const gpu = await testGpu()
const run = referencePath('models', 'stories260K', 'trajectories', 'all-r8-rslora-decay-clip-cosine')

describe.skipIf(!gpu)('plans replayed on our own kernels', { timeout: 240_000 }, () => {
  const executor = gpu ? new WebGpuExecutor({ gpu }) : null!
  afterAll(() => executor?.dispose())

  it.skipIf(!run)(run ? '30 steps of PyTorch and PEFT, optimiser included' : missingReference('models', 'stories260K'), async () => {
    const { model } = await openStories(executor)
    const differences = await replayRun(diskFolder(run!), model)
    expect(differences.steps).toBe(30)
    expect(differences.lossRelative).toBeLessThan(1e-5)
    expect(differences.gradientNormRelative).toBeLessThan(1e-4)
    expect(differences.finalAdapter).toBeLessThan(5e-3)
    expect(differences.finalLogits).toBeLessThan(5e-4)
  })

  it('a step makes no buffer, no pipeline and keeps memory flat; dropout and checkpointing included', async () => {
    const { model } = await openStories(executor)
    const layout = layoutOfSettings(model.config, { rank: 4, alpha: 8, rsLora: false, targetModules: ['q_proj', 'v_proj'], dropout: 0.1 })
    const adapter = { layout, a: new Float32Array(layout.sizeA).fill(0.01), b: new Float32Array(layout.sizeB).fill(0.01) }
    const stepper = new Stepper(model, adapter, { id: 'flat', dropout: 0.1, gradientCheckpointing: true })
    const ids = Array.from({ length: 16 }, (_, i) => 3 + i)
    const batch = layOut([[{ ids, labels: ids }]], 16)
    const step = (seed: number) => stepper.run([batch], { learningRate: 1e-2, loraPlusRatio: 1, weightDecay: 0, clip: 1, seed })
    const { loss } = await step(0)
    const [memory, pipelines] = [gpu!.memory.now, executor.pipelines.size]
    let last = loss
    for (let i = 1; i < 10; i++) last = (await step(i)).loss
    expect(gpu!.memory.now).toBe(memory)
    expect(executor.pipelines.size).toBe(pipelines)
    expect(last).toBeLessThan(loss)
    stepper.dispose()
  })

  it('searches tiles for a plan before it is recorded, and computes the same with them', async () => {
    const kept = new Map<string, unknown>()
    const tiles = new TunedTiles(gpu!, { get: (key) => Promise.resolve(kept.get(key)), set: (key, tile) => Promise.resolve(void kept.set(key, tile)) })
    const tuned = new WebGpuExecutor({ gpu: gpu!, tile: tiles.tile, prepare: (shapes) => tiles.tune(shapes, { budget: 4000 }) })
    const losses: number[] = []
    for (const each of [executor, tuned]) {
      const { model } = await openStories(each)
      const layout = layoutOfSettings(model.config, { rank: 4, alpha: 8, rsLora: false, targetModules: 'all-linear', dropout: 0 })
      const adapter = { layout, a: new Float32Array(layout.sizeA).fill(0.01), b: new Float32Array(layout.sizeB).fill(0.01) }
      const stepper = new Stepper(model, adapter, { id: 'searched' })
      const ids = Array.from({ length: 32 }, (_, i) => 3 + i)
      const { loss } = await stepper.run([layOut([[{ ids, labels: ids }]], 32)], { learningRate: 1e-2, loraPlusRatio: 1, weightDecay: 0, clip: 1, seed: 0 })
      losses.push(loss)
      stepper.dispose()
    }
    expect(kept.size).toBeGreaterThan(0)
    expect(Math.abs(losses[1] / losses[0] - 1)).toBeLessThan(1e-6)
    tuned.dispose()
  })

  it('asks WebGPU for the bytes that the plan foretold', async () => {
    const { model } = await openStories(executor)
    const layout = layoutOfSettings(model.config, { rank: 4, alpha: 8, rsLora: false, targetModules: 'all-linear', dropout: 0 })
    const plan = planTraining({
      config: model.config, adapter: { id: 'planned', layout, dropout: 0 }, formats: model.formats,
      batch: { rows: 2, length: 32, targets: 64 }, gradientCheckpointing: false,
    })
    const planned = plannedMemory(plan, gpu!.capabilities)
    const fresh = new WebGpuExecutor({ gpu: gpu! })
    const before = gpu!.memory.now
    await openStories(fresh)
    const loaded = await fresh.load(plan)
    expect(gpu!.memory.now - before).toBe(planned.total)
    expect(fresh.bytes()).toBe(planned.total)
    loaded.dispose()
    fresh.dispose()
    expect(gpu!.memory.now).toBe(before)
  })
})
