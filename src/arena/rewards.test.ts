import { describe, expect, it } from 'vitest'
import { WAD } from './fixedPoint.ts'
import { ownerPart, rankFactors, splitPool, splitPools } from './rewards.ts'

const tokens = (amount: number) => BigInt(Math.round(amount * 1e6)) * 10n ** 12n
const cents = (amount: bigint) => (Number(amount / 10n ** 10n) / 1e8).toFixed(2)

describe('FLock\'s worked example, to the cent', () => {
  it('splits the reward by own stake: 6,500 of trainers, 12,000 of validators', () => {
    const { trainers, validators } = splitPools(tokens(309157.68), tokens(6500), tokens(12000), 0n)
    expect([cents(trainers), cents(validators)]).toEqual(['108622.97', '200534.71'])
    expect(trainers + validators <= tokens(309157.68)).toBe(true)
  })

  it('pays trainers by rank and stake, and shares with delegators', () => {
    const pool = tokens(108622.967568)
    const [a, b] = splitPool(pool, [
      { factor: tokens(0.501435), stake: tokens(4000) }, { factor: tokens(0.498565), stake: tokens(3500) },
    ])
    expect([cents(a!), cents(b!)]).toEqual(['58087.40', '50535.57'])
    const owner = ownerPart(a!, tokens(3000), tokens(1000), 4000n)
    expect([cents(owner), cents(a! - owner)]).toEqual(['49374.29', '8713.11'])
  })

  it('pays validators by closeness and stake', () => {
    const paid = splitPool(tokens(200534.71), [
      { factor: tokens(0.472768), stake: tokens(3000) },
      { factor: tokens(0.280226), stake: tokens(6000) },
      { factor: tokens(0.247006), stake: tokens(3000) },
    ])
    expect(paid.map(cents)).toEqual(['74054.42', '87789.25', '38691.04'])
  })
})

it('ranks fall by q', () => {
  expect(rankFactors(3, WAD / 2n)).toEqual([WAD, WAD / 2n, WAD / 4n])
})
