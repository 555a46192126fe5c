import { beforeEach, describe, expect, it } from 'vitest'
import { openStories, storiesOnWasm } from '../../../tests/helpers/stories.ts'
import type { TrainingSettings } from '../../protocol.ts'
import { startTfjs } from '../backend/startTfjs.ts'
import { tf } from '../backend/tfjs.ts'
import { freshAdapter } from '../lora/adapter.ts'
import type { Adapter } from '../lora/adapter.ts'
import { layoutOfSettings } from '../lora/layout.ts'
import { loraSettingsSchema } from '../lora/settings.ts'
import { DeviceLostError } from '../plan/execute/executor.ts'
import { TfjsExecutor } from '../plan/execute/tfjs.ts'
import { WasmExecutor } from '../plan/execute/wasm.ts'
import { layOut } from './batch.ts'
import type { CheckpointStore } from './checkpoint.ts'
import { TrainingControl } from './control.ts'
import { memoryPlanFor } from './memoryPlan.ts'
import { pack } from './packing.ts'
import { trainingSettingsSchema } from './settings.ts'
import { Stepper } from './stepper.ts'
import { DivergedError, Trainer } from './trainer.ts'
import type { TrainerEvent, TrainerOptions } from './trainer.ts'

const lora = loraSettingsSchema.parse({ rank: 4, alpha: 8, targetModules: 'all-linear' })
const stepSettings = { learningRate: 5e-3, loraPlusRatio: 1, weightDecay: 0, clip: 1, seed: 1 }

const stories = storiesOnWasm()

/** An adapter whose B is not zero, so that every gradient is there. */
function warmAdapter(): Adapter {
  const adapter = freshAdapter(layoutOfSettings(stories.model.config, lora), 1)
  adapter.b.set(freshAdapter(layoutOfSettings(stories.model.config, lora), 2).a.subarray(0, adapter.b.length).map((value) => value / 10))
  for (let i = 0; i < adapter.b.length; i++) adapter.b[i] ||= 0
  return adapter
}

function largestDifference(a: Adapter, b: Adapter): number {
  let most = 0
  for (const side of ['a', 'b'] as const) a[side].forEach((value, i) => { most = Math.max(most, Math.abs(value - b[side][i])) })
  return most
}

describe('one step', () => {
  it('of packed rows equals that of the rows one by one', async () => {
    const sequences = pack(stories.rows.map(({ ids }) => ids.length), 96)
    expect(sequences.length).toBeLessThan(stories.rows.length)
    const packed = layOut(sequences.map((sequence) => sequence.map((row) => stories.rows[row])), 96)
    const singly = stories.rows.map((row) => layOut([[row]], row.ids.length))
    const results = []
    for (const batches of [[packed], singly]) {
      const stepper = new Stepper(stories.model, warmAdapter())
      for (const batch of batches) await stepper.accumulate(batch, 1 / packed.targetCount, 0)
      const gradients = await stepper.gradients()
      results.push({ gradients, ...(await stepper.update(stepSettings)) })
      stepper.dispose()
    }
    expect(results[0].loss).toBeCloseTo(results[1].loss, 5)
    expect(largestDifference(results[0].gradients, results[1].gradients)).toBeLessThan(2e-5)
  })

  it('with gradient checkpointing equals that without, dropout included', async () => {
    const batch = layOut([[stories.rows[0]], [stories.rows[1]]], 64)
    const results = []
    for (const gradientCheckpointing of [false, true]) {
      const stepper = new Stepper(stories.model, warmAdapter(), { gradientCheckpointing, dropout: 0.2 })
      await stepper.accumulate(batch, 1 / batch.targetCount, 7)
      results.push(await stepper.gradients())
      stepper.dispose()
    }
    expect(largestDifference(results[0], results[1])).toBe(0)
  })

  it('with another seed drops others', async () => {
    const batch = layOut([[stories.rows[0]]], 64)
    const stepper = new Stepper(stories.model, warmAdapter(), { dropout: 0.5 })
    await stepper.accumulate(batch, 1, 1)
    const first = await stepper.update({ ...stepSettings, learningRate: 0 })
    await stepper.accumulate(batch, 1, 2)
    const second = await stepper.update({ ...stepSettings, learningRate: 0 })
    stepper.dispose()
    expect(first.loss).not.toBe(second.loss)
  })

  it('weighs targets alike over micro-batches', async () => {
    const whole = layOut([[stories.rows[0]], [stories.rows[2]]], 96)
    const parts = [stories.rows[0], stories.rows[2]].map((row) => layOut([[row]], 96))
    const stepper = new Stepper(stories.model, warmAdapter())
    const once = await stepper.run([whole], { ...stepSettings, learningRate: 0 })
    const twice = await stepper.run(parts, { ...stepSettings, learningRate: 0 })
    stepper.dispose()
    expect(twice.loss).toBeCloseTo(once.loss, 5)
    expect(twice.gradientNorm).toBeCloseTo(once.gradientNorm, 5)
  })

  it('is the same where memory is short and weights stay packed', async () => {
    const batch = layOut([[stories.rows[0]]], 64)
    const small = await WasmExecutor.open({ budget: 1_000_000 })
    const tight = (await openStories(small)).model
    expect([stories.model.executor.unpacked, small.unpacked]).toEqual([true, false])
    const reports = []
    for (const base of [stories.model, tight]) {
      const stepper = new Stepper(base, warmAdapter())
      await stepper.run([batch], stepSettings)
      reports.push(await stepper.run([batch], stepSettings))
      stepper.dispose()
    }
    small.dispose()
    expect(reports[1]).toEqual(reports[0])
  })

  it('takes no more memory than the one before', async () => {
    const batch = layOut([[stories.rows[0]]], 64)
    const onTfjs = new TfjsExecutor({ backend: 'cpu', device: await startTfjs('cpu') })
    for (const model of [stories.model, (await openStories(onTfjs)).model]) {
      const stepper = new Stepper(model, warmAdapter())
      await stepper.run([batch], stepSettings)
      const bytes = model.executor.bytes()
      for (let i = 0; i < 4; i++) await stepper.run([batch], stepSettings)
      expect(model.executor.bytes()).toBe(bytes)
      stepper.dispose()
    }
    onTfjs.dispose()
    expect(tf.memory().numTensors).toBe(0)
  })
})

function memoryStore(): CheckpointStore & { files: Map<string, Uint8Array> } {
  const files = new Map<string, Uint8Array>()
  return {
    files,
    read: (id) => Promise.resolve(files.get(id) ?? null),
    write: (id, bytes) => Promise.resolve(void files.set(id, bytes)),
    remove: (id) => Promise.resolve(void files.delete(id)),
  }
}

describe('a run', () => {
  let events: TrainerEvent[]
  let checkpoints: ReturnType<typeof memoryStore>
  let control: TrainingControl
  beforeEach(() => {
    events = []
    checkpoints = memoryStore()
    control = new TrainingControl()
  })

  const trainer = (settings: Partial<TrainingSettings> = {}, options: Partial<TrainerOptions> = {}): Trainer =>
    new Trainer({
      runId: 'run', model: stories.model, rows: stories.rows.slice(2), validation: stories.rows.slice(0, 2), contextLength: 96, lora: { ...lora, dropout: 0.1 },
      training: trainingSettingsSchema.parse({ steps: 6, batchSize: 2, learningRate: 5e-3, evaluateEvery: 2, checkpointEvery: 2, ...settings }),
      checkpoints, resume: false, control, emit: (event) => events.push(event), ...options,
    })
  const losses = (): [number, number][] => events.flatMap((event) => (event.type === 'step' ? [[event.step, event.loss]] : []))
  const steps = (): number => losses().length

  it('killed and resumed equals one that was not, to the bit', async () => {
    const whole = await trainer().run()
    const expected = losses()
    events = []
    class Killed extends Error {}
    const dying = trainer({}, {
      emit: (event) => {
        events.push(event)
        if (event.type === 'step' && event.step === 5) throw new Killed()
      },
    })
    await expect(dying.run()).rejects.toBeInstanceOf(Killed)
    expect(checkpoints.files.size).toBe(1)
    events = []
    const resumed = await trainer({}, { resume: true }).run()
    expect(events[0]).toEqual({ type: 'resumed', step: 4 })
    expect(losses()).toEqual(expected.slice(4))
    expect(resumed).toEqual(whole)
    expect(checkpoints.files.size).toBe(0)
  })

  it('is the same with its seed, and another with another', async () => {
    const weights = async (seed: number) => (await trainer({ seed, steps: 3 }).run())!.adapter.b
    const first = await weights(1)
    expect(await weights(1)).toEqual(first)
    expect(await weights(2)).not.toEqual(first)
  })

  it('keeps the best adapter, not the last', async () => {
    // After two steps at a sensible rate the schedule's peak is far too high.
    const wild = { schedule: 'constant', clip: 0, evaluateEvery: 1, patience: 0, checkpointEvery: 100 } as const
    const trained = (await trainer({ ...wild, steps: 6, learningRate: 0.2, warmupSteps: 6 }).run())!
    const evaluations = events.flatMap((event) => (event.type === 'evaluated' ? [event] : []))
    const lowest = evaluations.reduce((a, b) => (b.loss < a.loss ? b : a))
    expect(lowest.step).toBeLessThan(6)
    expect(trained).toMatchObject({ bestStep: lowest.step, bestLoss: lowest.loss })
    const asFarAsBest = await trainer({ ...wild, steps: 6, learningRate: 0.2, warmupSteps: 6 }, {
      emit: (event) => { if (event.type === 'step' && event.step === lowest.step) control.stop() },
    }).run()
    expect(asFarAsBest?.adapter).toEqual(trained.adapter)
  })

  it('continues sample prompts at every evaluation, with the adapter as it is', async () => {
    const samples: string[] = []
    const sample = (adapter: { id: string }, prompt: string, step: number) => {
      samples.push(`${adapter.id} ${prompt} ${step}`)
      return Promise.resolve('…')
    }
    await trainer({ steps: 4, samplePrompts: ['The cat', 'The dog'] }, { sample }).run()
    expect(samples).toEqual([0, 2, 4].flatMap((step) => [`train The cat ${step}`, `train The dog ${step}`]))
    expect(events.flatMap((event) => (event.type === 'sample' ? [event.text] : []))).toHaveLength(6)
  })

  it('of other settings does not take up the checkpoint', async () => {
    const dying = trainer({}, { emit: (event) => { if (event.type === 'checkpoint') throw new Error('gone') } })
    await expect(dying.run()).rejects.toThrow('gone')
    await trainer({ learningRate: 1e-3 }, { resume: true }).run()
    expect(events.some(({ type }) => type === 'resumed')).toBe(false)
    expect(steps()).toBe(6)
  })

  it('goes on where checkpoints cannot be kept, and says so', async () => {
    const full: CheckpointStore = {
      read: () => Promise.resolve(null), write: () => Promise.reject(new Error('The disk is full.')), remove: () => Promise.reject(new Error('The disk is gone.')),
    }
    expect((await trainer({}, { checkpoints: full }).run())?.steps).toBe(6)
    const unsaved = events.flatMap((event) => (event.type === 'unsaved' ? [[event.step, event.error.message]] : []))
    expect(unsaved).toEqual([[2, 'The disk is full.'], [4, 'The disk is full.']])
    expect(events.some(({ type }) => type === 'checkpoint')).toBe(false)
  })

  it('pauses with a checkpoint, and goes on', async () => {
    control.pause()
    const running = trainer().run()
    while (!events.some(({ type }) => type === 'paused')) await new Promise((resolve) => setTimeout(resolve, 5))
    expect(checkpoints.files.size).toBe(1)
    expect(steps()).toBe(0)
    control.resume()
    expect((await running)?.steps).toBe(6)
  })

  it('stopped keeps the best adapter, cancelled nothing', async () => {
    const at = (step: number, action: () => void) => (event: TrainerEvent): void => {
      events.push(event)
      if (event.type === 'step' && event.step === step) action()
    }
    const stopped = await trainer({}, { emit: at(3, () => control.stop()) }).run()
    expect(stopped).toMatchObject({ reason: 'stopped', steps: 3, bestStep: 3 })
    control = new TrainingControl()
    expect(await trainer({}, { emit: at(3, () => control.cancel()) }).run()).toBeNull()
    expect(checkpoints.files.size).toBe(0)
  })

  it('ends when the validation loss stays level, with the best adapter', async () => {
    const trained = await trainer({ steps: 100, learningRate: 1e-7, evaluateEvery: 1, patience: 2 }).run()
    expect(trained).toMatchObject({ reason: 'level', steps: 2 })
    events = []
    const training = await trainer({ steps: 100, learningRate: 1e-7, evaluateEvery: 4, patience: 2, minimumChange: 0.5 }, { validation: [] }).run()
    expect(training).toMatchObject({ reason: 'level', steps: 12 })
  })

  it('that leaves the numbers says what to do', async () => {
    const wild = trainer({ learningRate: 1e30, clip: 0, evaluateEvery: 100 })
    await expect(wild.run()).rejects.toBeInstanceOf(DivergedError)
  })

  it('leaves nothing on the device, however it ends', async () => {
    // What activations take stays for the next plan.
    await trainer({ steps: 2 }).run()
    const bytes = stories.model.executor.bytes()
    await trainer({ steps: 2 }).run()
    await expect(trainer({}, { emit: (e) => { if (e.type === 'step') throw new DeviceLostError('gone') } }).run()).rejects.toThrow('gone')
    expect(stories.model.executor.bytes()).toBe(bytes)
  })
})

describe('the memory plan', () => {
  it('is what a run takes on WebAssembly, whether weights are kept packed or not', async () => {
    const batch = layOut(stories.rows.slice(0, 2).map((row) => [row]), 64)
    for (const budget of [undefined, 1_000_000]) {
      const executor = await WasmExecutor.open({ budget, threads: 2 })
      const { config, formats } = stories.model
      const training = { batchSize: 2, gradientCheckpointing: false }
      const plan = memoryPlanFor(config, { lora, training, length: 64, formats }, 'wasm', { budget: executor.budget, threads: 2 })
      expect(plan.advice === undefined).toBe(budget === undefined)
      const before = executor.bytes()
      const { model } = await openStories(executor)
      const stepper = new Stepper(model, warmAdapter())
      // Every token a target, as the plan has it.
      await stepper.run([{ ...batch, targets: batch.ids, targetCount: batch.ids.length }], stepSettings)
      // Places are rounded to cache lines, and the list of commands has one.
      const taken = executor.bytes() - before
      expect(taken / plan.total).toBeGreaterThan(0.98)
      expect(taken / plan.total).toBeLessThan(1.1)
      stepper.dispose()
      executor.dispose()
    }
  })
})
