import { afterAll, expect, it } from 'vitest'
import { animalRows, storiesFolder } from '../../../tests/helpers/stories.ts'
import { loraSettingsSchema, trainingSettingsSchema } from '../../protocol.ts'
import type { TrainCommandStart, TrainEvent, TrainingSettings } from '../../protocol.ts'
import { modelFolder } from '../node/modelFolder.ts'
import { TrainingControl } from '../training/control.ts'
import { Session } from './session.ts'
import { train } from './train.ts'

const session = new Session()
afterAll(() => session.reset())

async function run(training: Partial<TrainingSettings>, rows: TrainCommandStart['rows'] = animalRows, budget?: number): Promise<{ events: TrainEvent[]; error: (Error & { advice?: string }) | null }> {
  const events: TrainEvent[] = []
  const command: TrainCommandStart = {
    type: 'train', runId: 'run', model: await modelFolder(storiesFolder), rows, text: { contextLength: 128 }, backends: ['wasm'], resume: false,
    lora: loraSettingsSchema.parse({ rank: 4, alpha: 8, targetModules: ['q_proj', 'v_proj'] }),
    training: trainingSettingsSchema.parse({ steps: 2, batchSize: 2, learningRate: 1e-3, ...training }), budget,
  }
  const error = await train(command, { session, control: new TrainingControl(), emit: (event) => events.push(event) }).then(() => null, (error: Error) => error)
  return { events, error }
}

it('plans memory before a weight is read, splits rows of its own off, and writes samples', async () => {
  const { events, error } = await run({ samplePrompts: ['The cat said:'] })
  expect(error).toBeNull()
  const types = events.map(({ type }) => type)
  expect(types.indexOf('planned')).toBeLessThan(types.indexOf('loading'))
  const planned = events.find((event) => event.type === 'planned')!
  expect(planned).toMatchObject({ parameters: 260_032, rows: 9, skippedRows: 0 })
  const { weights, adapter, optimizer, activations, scratch, total } = planned.memory
  expect(weights).toBeGreaterThanOrEqual(4 * 260_032)
  expect(optimizer).toBeGreaterThanOrEqual(3 * adapter)
  expect(weights + adapter + optimizer + activations + scratch).toBe(total)
  const evaluated = events.flatMap((event) => (event.type === 'evaluated' ? [event] : []))
  expect(evaluated.map(({ step }) => step)).toEqual([0, 2])
  expect(evaluated.every(({ bitsPerByte }) => bitsPerByte > 0)).toBe(true)
  const samples = events.flatMap((event) => (event.type === 'sample' ? [event] : []))
  expect(samples.map(({ step }) => step)).toEqual([0, 2])
  expect(samples[0].text.length).toBeGreaterThan(10)
})

it('refuses what cannot fit, with what would make it fit, and loads nothing', async () => {
  const { events, error } = await run({ batchSize: 60_000 })
  expect(error).toMatchObject({ name: 'MemoryPlanError', message: expect.stringMatching(/would take \d.* GB/), advice: expect.stringMatching(/Switch gradient checkpointing on/) })
  expect(events.at(-1)).toMatchObject({ type: 'planned', memory: { advice: error!.advice } })
  expect(events.some(({ type }) => type === 'loading')).toBe(false)
})

it('refuses what takes more than the person allows', async () => {
  const { error } = await run({}, animalRows, 1_000_000)
  expect(error).toMatchObject({ name: 'MemoryPlanError', message: expect.stringMatching(/and 1 MB may be taken/) })
  expect((await run({}, animalRows, 100_000_000)).error).toBeNull()
})

it('says why there is nothing to learn from', async () => {
  const { error } = await run({}, [{ conversations: [{ role: 'user', content: 'Only a question' }] }, { conversations: [{ role: 'user', content: 'Another' }] }])
  expect(error).toMatchObject({ name: 'NoRowsError', message: expect.stringMatching(/no target token/) })
})
