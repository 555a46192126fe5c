import { describe, expect, it } from 'vitest'
import { openStories, storiesOnWasm } from '../../../tests/helpers/stories.ts'
import { openExecutor } from '../plan/execute/openExecutor.ts'
import { bitsPerByte, microBitsPerByte } from './bitsPerByte.ts'
import { Scorer } from './scorer.ts'

describe('scores', () => {
  const stories = storiesOnWasm()

  it("of a row does not depend on the rows it is computed with", async () => {
    const together = await new Scorer(stories.model, stories.rows, 256).score(null)
    for (const [i, row] of stories.rows.entries()) {
      const [alone] = await new Scorer(stories.model, [row], 32).score(null)
      expect(Math.abs(alone.nll / together[i].nll - 1)).toBeLessThan(1e-5)
      expect(alone.targetTokens).toBe(row.targetTokens)
      expect(alone.targetBytes).toBe(row.targetBytes)
    }
  })

  it('tells its progress and can be aborted', async () => {
    const done: number[] = []
    await new Scorer(stories.model, stories.rows, 64).score(null, { onProgress: (progress) => done.push(progress.done) })
    expect(done.at(-1)).toBe(stories.rows.length)
    const abort = new AbortController()
    await expect(new Scorer(stories.model, stories.rows, 64).score(null, { signal: abort.signal, onProgress: () => abort.abort() })).rejects.toThrow(/abort/i)
  })

  it('is the same on cpu as on wasm to 1e-4', async () => {
    const wasm = bitsPerByte(await new Scorer(stories.model, stories.rows).score(null))
    const other = (await openExecutor(['cpu'])).executor
    const { model } = await openStories(other)
    const cpu = bitsPerByte(await new Scorer(model, stories.rows).score(null))
    other.dispose()
    await openExecutor(['wasm'])
    expect(Math.abs(cpu / wasm - 1)).toBeLessThan(1e-4)
  })
})

describe('bits per byte', () => {
  it('is one division over all rows', () => {
    const rows = [{ nll: Math.LN2 * 10, targetTokens: 1, targetBytes: 4 }, { nll: Math.LN2 * 2, targetTokens: 9, targetBytes: 8 }]
    expect(bitsPerByte(rows)).toBeCloseTo(1, 12)
    expect(microBitsPerByte(rows)).toBe(1_000_000)
  })
  it('is none where it is no number or too large', () => {
    expect(microBitsPerByte([{ nll: Number.NaN, targetTokens: 1, targetBytes: 1 }])).toBeNull()
    expect(microBitsPerByte([{ nll: 1e5, targetTokens: 1, targetBytes: 1 }])).toBeNull()
    expect(microBitsPerByte([])).toBeNull()
  })
})
