import { describe, expect, it } from 'vitest'
import { EarlyStopping } from './earlyStopping.ts'
import { pack } from './packing.ts'
import { learningRate } from './schedule.ts'
import { layOut, slotCount, slotsOf } from './batch.ts'

describe('learning rate', () => {
  const base = { steps: 12, learningRate: 2, warmupSteps: 2 }
  it('warms up and then stays or falls', () => {
    expect([0, 1, 2, 11].map((step) => learningRate(step, { ...base, schedule: 'constant' }))).toEqual([1, 2, 2, 2])
    expect([2, 7].map((step) => learningRate(step, { ...base, schedule: 'linear' }))).toEqual([2, 1])
    expect(learningRate(7, { ...base, schedule: 'cosine' })).toBeCloseTo(1, 12)
  })
})

describe('early stopping', () => {
  it('counts evaluations without a fall, and starts again at each', () => {
    const stopping = new EarlyStopping({ patience: 2, minimumChange: 0.1 })
    expect([3, 2.95, 2.5, 2.45].map((loss, i) => [stopping.note(i, loss), stopping.isLevel])).toEqual([[true, false], [true, false], [true, false], [true, false]])
    expect(stopping.note(4, 2.6)).toBe(false)
    expect(stopping.isLevel).toBe(true)
    expect(stopping.state).toMatchObject({ bestStep: 3, bestLoss: 2.45 })
  })
  it('never ends a run without patience', () => {
    const stopping = new EarlyStopping({ patience: 0, minimumChange: 0.1 })
    for (let i = 0; i < 20; i++) stopping.note(i, 1)
    expect(stopping.isLevel).toBe(false)
  })
})

describe('batches', () => {
  it('packs every row once, none beyond the capacity', () => {
    const lengths = [5, 9, 3, 7, 2, 10, 1]
    const sequences = pack(lengths, 10)
    expect(sequences.flat().sort()).toEqual([0, 1, 2, 3, 4, 5, 6])
    for (const sequence of sequences) expect(sequence.reduce((sum, row) => sum + lengths[row], 0)).toBeLessThanOrEqual(10)
    expect(sequences.length).toBe(4)
    expect(() => pack([11], 10)).toThrow(/does not fit/)
  })

  it('shifts targets inside each segment', () => {
    const batch = layOut([[{ ids: [5, 6, 7], labels: [-100, 6, 7] }, { ids: [8, 9], labels: [8, 9] }]], 6)
    expect([...batch.targets]).toEqual([6, 7, -1, 9, -1, -1])
    expect([...batch.positions]).toEqual([0, 1, 2, 0, 1, 0])
    expect([...batch.segments]).toEqual([0, 0, 0, 1, 1, -1])
    expect(slotCount(batch)).toBe(4)
    const { targets, slots, tokenSlots } = slotsOf(batch, 4)
    expect([...targets]).toEqual([6, 7, 9, -1])
    expect([...slots]).toEqual([0, 1, 3, -1])
    expect([...tokenSlots]).toEqual([0, 1, -1, 2, -1, -1])
  })
})
