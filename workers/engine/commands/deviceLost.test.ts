import { expect, it } from 'vitest'
import { testGpu } from '../../../tests/helpers/gpu.ts'
import { animalRows, storiesFolder } from '../../../tests/helpers/stories.ts'
import { loraSettingsSchema, trainingSettingsSchema } from '../../protocol.ts'
import type { TrainEvent } from '../../protocol.ts'
import { openDawn } from '../backend/dawn.ts'
import { modelFolder } from '../node/modelFolder.ts'
import { WebGpuExecutor } from '../plan/execute/webgpu.ts'
import type { CheckpointStore } from '../training/checkpoint.ts'
import { TrainingControl } from '../training/control.ts'
import { Session } from './session.ts'
import { train } from './train.ts'

const present = (await testGpu()) !== null

function memoryStore(): CheckpointStore {
  const files = new Map<string, Uint8Array>()
  return {
    read: (id) => Promise.resolve(files.get(id) ?? null),
    write: (id, bytes) => Promise.resolve(void files.set(id, bytes)),
    remove: (id) => Promise.resolve(void files.delete(id)),
  }
}

it.skipIf(!present)('a lost GPU is replaced, and training goes on from the checkpoint with the same losses', async () => {
  // openDawn keeps to the driver that testGpu chose.
  const gpu = await openDawn((process.env.LANISTA_VULKAN as 'swiftshader' | undefined) ?? 'swiftshader')
  Object.defineProperty(globalThis.navigator, 'gpu', { value: gpu, configurable: true })
  const model = await modelFolder(storiesFolder)
  const run = async (loseAt: number | null): Promise<TrainEvent[]> => {
    const session = new Session()
    const { model: ready } = await session.prepare({ source: model, backends: ['webgpu'] })
    const events: TrainEvent[] = []
    await train({
      type: 'train', runId: 'run', model, rows: animalRows, text: { contextLength: 64 }, backends: ['webgpu'], resume: false,
      lora: loraSettingsSchema.parse({ rank: 4, alpha: 8, targetModules: ['q_proj', 'v_proj'] }),
      training: trainingSettingsSchema.parse({ steps: 3, batchSize: 1, learningRate: 1e-3, checkpointEvery: 1, validationShare: 0 }),
    }, {
      session, control: new TrainingControl(), checkpoints: memoryStore(),
      emit: (event) => {
        events.push(event)
        if (event.type === 'step' && event.step === loseAt && !events.some(({ type }) => type === 'resumed')) {
          if (!(ready.executor instanceof WebGpuExecutor)) throw new Error('not on the GPU')
          ready.executor.gpu.device.destroy()
        }
      },
    })
    session.reset()
    return events
  }
  const losses = (events: TrainEvent[]): Map<number, number> => new Map(events.flatMap((e) => (e.type === 'step' ? [[e.step, e.loss]] : [])))
  const whole = await run(null)
  const lost = await run(2)
  expect(lost.find(({ type }) => type === 'resumed')).toMatchObject({ step: 1 })
  expect(lost.at(-1)).toMatchObject({ type: 'finished', reason: 'steps', steps: 3 })
  expect(losses(lost)).toEqual(losses(whole))
}, 120_000)
