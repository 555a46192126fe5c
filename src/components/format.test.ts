import { expect, test } from 'vitest'
import { ABSTAIN, INVALID } from '../arena/scoreVector.ts'
import { formatAmount, formatBytes, formatDuration, formatScore, formatSi, formatVerdict, parseAmount, shortHex } from './format.ts'

test('numbers read as people expect', () => {
  expect(formatBytes(999)).toBe('999 B')
  expect(formatBytes(1_040_000)).toBe('1.0 MB')
  expect(formatDuration(42_000)).toBe('0:42')
  expect(formatDuration(725_000)).toBe('12:05')
  expect(formatDuration(12_000_000)).toBe('3 h 20 min')
  expect(formatDuration(14 * 86_400_000)).toBe('14 d')
  expect(formatDuration(3_600_000)).toBe('1 h')
  expect(formatDuration(-5)).toBe('0:00')
  expect(formatAmount(1_234_500_000_000_000_000_000n)).toBe('1,234.5')
  expect(formatScore(2_138_400)).toBe('2.1384')
  expect([INVALID, ABSTAIN, 2_138_400].map(formatVerdict)).toEqual(['invalid', 'no verdict', '2.1384'])
  expect(formatSi(1.0234e9, 'FLOP/s')).toBe('1.02 GFLOP/s')
  expect(formatSi(12, 'FLOP/s')).toBe('12 FLOP/s')
  expect(shortHex('0x1234567890abcdef')).toBe('0x1234…cdef')
})

test('an amount is read as it was written, or not at all', () => {
  expect(parseAmount('100')).toBe(100n * 10n ** 18n)
  expect(parseAmount(' 0.000000000000000001 ')).toBe(1n)
  expect(parseAmount('.5')).toBe(5n * 10n ** 17n)
  expect(parseAmount('2.', 6)).toBe(2_000_000n)
  expect(parseAmount('0')).toBe(0n)
  for (const text of ['', ' ', '.', '-5', '1,000', '1e3', '0x10', 'ten', 'NaN', '1.2.3']) expect(parseAmount(text), text).toBeNull()
})
