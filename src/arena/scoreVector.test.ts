import { describe, expect, it } from 'vitest'
import { ABSTAIN, INVALID, packScores, unpackScores } from './scoreVector.ts'

describe('score vectors', () => {
  it('are four bytes an item, most significant first', () => {
    expect(packScores([1, 0x01020304, INVALID, ABSTAIN])).toBe('0x0000000101020304fffffffffffffffe')
    expect(unpackScores('0x0000000101020304fffffffffffffffe')).toEqual([1, 0x01020304, INVALID, ABSTAIN])
    expect(unpackScores('0x')).toEqual([])
  })

  it('refuse what does not fit', () => {
    for (const wrong of [-1, 1.5, NaN, 2 ** 32]) expect(() => packScores([wrong])).toThrow(RangeError)
    expect(() => unpackScores('0x010203')).toThrow(RangeError)
  })
})
