import { describe, expect, it } from 'vitest'
import { Random } from '../../../../src/data/random.ts'
import { Heap, HeapError } from './heap.ts'

describe('the heap', () => {
  it('hands out places that do not overlap, and has them all back', () => {
    const random = new Random(1)
    let reached = 0
    const heap = new Heap(100, 1 << 20, (end) => { reached = Math.max(reached, end) })
    const taken = new Map<number, number>()
    for (let turn = 0; turn < 2000; turn++) {
      const [first] = taken
      if (first && (taken.size > 30 || random.uniform() < 0.45)) {
        const at = [...taken.keys()][random.below(taken.size)]
        heap.release(at)
        taken.delete(at)
      } else {
        const size = 1 + random.below(10_000)
        const at = heap.allocate(size)
        expect(at % 64).toBe(0)
        expect(at).toBeGreaterThanOrEqual(100)
        for (const [other, bytes] of taken) expect(at + size <= other || other + bytes <= at).toBe(true)
        taken.set(at, size)
      }
    }
    expect(reached).toBeLessThan(1 << 20)
    for (const at of taken.keys()) heap.release(at)
    expect(heap.used).toBe(0)
    // Everything is one again.
    expect(heap.allocate((1 << 20) - 256)).toBe(128)
  })

  it('says what is missing', () => {
    const heap = new Heap(0, 1000, () => undefined)
    heap.allocate(500)
    expect(() => heap.allocate(500)).toThrow(HeapError)
    expect(() => heap.release(64)).toThrow(HeapError)
  })
})
