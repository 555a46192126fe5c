import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { encodeAnimals, openStories } from '../../../tests/helpers/stories.ts'
import type { LoadedModel } from '../model/loadModel.ts'
import type { Executor } from '../plan/execute/executor.ts'
import { openExecutor } from '../plan/execute/openExecutor.ts'
import type { EncodedRow } from '../tokenizer/encodeRows.ts'
import { bitsPerByte, microBitsPerByte } from './bitsPerByte.ts'
import { Scorer } from './scorer.ts'

describe('scores', () => {
  let executor: Executor
  let model: LoadedModel
  let rows: EncodedRow[]
  beforeAll(async () => {
    executor = (await openExecutor(['wasm'])).executor
    const stories = await openStories(executor)
    model = stories.model
    rows = encodeAnimals(stories.tokenizer)
  })
  afterAll(() => executor.dispose())

  it("of a row does not depend on the rows it is computed with", async () => {
    const together = await new Scorer(model, rows, 256).score(null)
    for (const [i, row] of rows.entries()) {
      const [alone] = await new Scorer(model, [row], 32).score(null)
      expect(Math.abs(alone.nll / together[i].nll - 1)).toBeLessThan(1e-5)
      expect(alone.targetTokens).toBe(row.targetTokens)
      expect(alone.targetBytes).toBe(row.targetBytes)
    }
  })

  it('tells its progress and can be aborted', async () => {
    const done: number[] = []
    await new Scorer(model, rows, 64).score(null, { onProgress: (progress) => done.push(progress.done) })
    expect(done.at(-1)).toBe(rows.length)
    const abort = new AbortController()
    await expect(new Scorer(model, rows, 64).score(null, { signal: abort.signal, onProgress: () => abort.abort() })).rejects.toThrow(/abort/i)
  })

  it('is the same on cpu as on wasm to 1e-4', async () => {
    const wasm = bitsPerByte(await new Scorer(model, rows).score(null))
    const other = (await openExecutor(['cpu'])).executor
    const stories = await openStories(other)
    const cpu = bitsPerByte(await new Scorer(stories.model, rows).score(null))
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
