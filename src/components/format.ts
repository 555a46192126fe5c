import { formatUnits, parseUnits } from 'viem'
import { ABSTAIN, INVALID } from '../arena/scoreVector.ts'

const units = ['B', 'KB', 'MB', 'GB', 'TB']

/** Bytes in words, powers of 1000: `1.2 MB`. */
export function formatBytes(bytes: number): string {
  let value = bytes
  let unit = 0
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000
    unit++
  }
  return `${value >= 100 || unit === 0 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`
}

/** Milliseconds as a clock reads them: `0:42`, `12:05`, `3 h 20 min`, `2 d 4 h`, `14 d`. */
export function formatDuration(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000))
  if (seconds < 3600) return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
  if (seconds < 86_400) return inTwoUnits(seconds, 3600, 'h', 60, 'min')
  return inTwoUnits(seconds, 86_400, 'd', 3600, 'h')
}

function inTwoUnits(seconds: number, large: number, largeName: string, small: number, smallName: string): string {
  const rest = Math.floor((seconds % large) / small)
  return `${Math.floor(seconds / large)} ${largeName}${rest ? ` ${rest} ${smallName}` : ''}`
}

/** A token amount, at most six significant digits: `1,234.5`. */
export function formatAmount(amount: bigint, decimals = 18): string {
  return Number(formatUnits(amount, decimals)).toLocaleString('en', { maximumSignificantDigits: 6 })
}

/** A token amount as a person writes it, in the smallest unit: `1234.5`; null where it is none, or below zero. */
export function parseAmount(text: string, decimals = 18): bigint | null {
  const written = text.trim()
  return /^(\d+\.?\d*|\.\d+)$/.test(written) ? parseUnits(written, decimals) : null
}

/** Micro-bits per byte as bits per byte: `2.1384`. */
export function formatScore(microBitsPerByte: number): string {
  return (microBitsPerByte / 1e6).toFixed(4)
}

/** As {@link formatScore}, or in words what a score vector holds in place of a score. */
export function formatVerdict(score: number): string {
  return score === INVALID ? 'invalid' : score === ABSTAIN ? 'no verdict' : formatScore(score)
}

/** `0x1234…cdef`. */
export function shortHex(hex: string): string {
  return hex.length > 12 ? `${hex.slice(0, 6)}…${hex.slice(-4)}` : hex
}

/** `1.2k`, `3.4M`, `5.6G`: rates and counts where three digits say enough. */
export function formatCompact(value: number): string {
  return value.toLocaleString('en', { notation: 'compact', maximumSignificantDigits: 3 })
}

const prefixes = ['', 'k', 'M', 'G', 'T', 'P']

/** With an SI prefix before the unit: `1.02 GFLOP/s`. */
export function formatSi(value: number, unit: string): string {
  let scaled = value
  let prefix = 0
  while (scaled >= 1000 && prefix < prefixes.length - 1) {
    scaled /= 1000
    prefix++
  }
  return `${Number(scaled.toPrecision(3))} ${prefixes[prefix]}${unit}`
}
