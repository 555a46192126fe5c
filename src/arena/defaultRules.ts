import type { Rules } from './parameters.ts'

const wad = (value: number): bigint => BigInt(Math.round(value * 1e9)) * 10n ** 9n

/** What a task pays and punishes unless its creator says otherwise; docs/protocol.md has the reasons. */
export const defaultRules: Rules = {
  committeeSize: 32,
  batchSize: 100,
  quorum: 1,
  slashInvalid: 1000,
  slashWorse: 500,
  slashNotSealed: 250,
  slashNotRevealed: 500,
  slashDeviant: 1000,
  slashVerdict: 1000,
  slashKey: 5000,
  slashShard: 10_000,
  gamma: wad(0.1),
  q: wad(0.8),
  eta: wad(0.002),
  alpha: wad(1),
  tolerance: wad(0.01),
  margin: wad(0.05),
  lambda: wad(50),
}
