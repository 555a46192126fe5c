import { describe, expect, it } from 'vitest'
import { Sampler } from './sampler.ts'
import { heldBack } from './stopStrings.ts'

const settings = { maxTokens: 1, temperature: 1, topK: 0, topP: 1, repetitionPenalty: 1, stop: [], seed: 3 }
const logits = () => Float32Array.of(0, Math.log(2), Math.log(4), Math.log(1e-6), Math.log(1))

/** Shares of each token over many draws. */
function shares(change: Partial<typeof settings>, seen: number[] = []): number[] {
  const sampler = new Sampler({ ...settings, ...change })
  const counts = [0, 0, 0, 0, 0]
  const draws = 20_000
  for (let i = 0; i < draws; i++) counts[sampler.next(logits(), seen)] += 1 / draws
  return counts
}

const near = (actual: number[], expected: number[]) => actual.forEach((share, i) => expect(Math.abs(share - expected[i])).toBeLessThan(0.015))

describe('sampling', () => {
  it('follows the probabilities, and the temperature', () => {
    near(shares({}), [1 / 8, 2 / 8, 4 / 8, 0, 1 / 8])
    near(shares({ temperature: 0.5 }), [1 / 22, 4 / 22, 16 / 22, 0, 1 / 22])
    expect(shares({ temperature: 0 })).toEqual([0, 0, expect.closeTo(1, 5), 0, 0])
  })

  it('cuts by rank and by mass', () => {
    near(shares({ topK: 2 }), [0, 2 / 6, 4 / 6, 0, 0])
    near(shares({ topP: 0.7 }), [0, 2 / 6, 4 / 6, 0, 0])
    near(shares({ topP: 0.3 }), [0, 0, 1, 0, 0])
  })

  it('penalises what was said', () => {
    near(shares({ repetitionPenalty: 2 }, [2, 2]), [1 / 6, 2 / 6, 2 / 6, 0, 1 / 6])
  })
})

describe('text held back', () => {
  it('is a stop string, the beginning of one, and half a character', () => {
    expect(heldBack('and so on###', ['###'])).toEqual({ stopAt: 9, safe: 9 })
    expect(heldBack('and so on##', ['###'])).toEqual({ stopAt: null, safe: 9 })
    expect(heldBack('caf\uFFFD', [])).toEqual({ stopAt: null, safe: 3 })
    expect(heldBack('all of it', ['###', ''])).toEqual({ stopAt: null, safe: 9 })
  })
})
