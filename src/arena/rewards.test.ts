import { describe, expect, it } from 'vitest'
import { delegatorsPart } from './delegation.ts'
import { WAD } from './fixedPoint.ts'
import { quality, share, splitPools, trainerWeight, validatorWeight } from './rewards.ts'

/** Wei of an amount of tokens. */
const wei = (amount: number) => BigInt(Math.round(amount * 1e6)) * 10n ** 12n
/** Weight units of an amount of tokens. */
const units = (amount: number) => BigInt(amount * 1e6)
const cents = (amount: bigint) => (Number(amount / 10n ** 10n) / 1e8).toFixed(2)
const sum = (values: bigint[]) => values.reduce((total, value) => total + value, 0n)

describe('FLock\'s worked example, to the cent', () => {
  const pools = splitPools(wei(309157.68), 0n, units(6500), units(12000))

  it('splits the reward by own stake: 6,500 of trainers, 12,000 of validators', () => {
    expect([cents(pools.trainers), cents(pools.validators)]).toEqual(['108622.97', '200534.71'])
  })

  it('pays trainers by rank and stake', () => {
    // g of 0.501435 and 0.498565 are ranks 1 and 2 of q = 0.498565 / 0.501435.
    const q = (498565n * WAD) / 501435n
    const weights = [trainerWeight(1, q, units(4000), WAD), trainerWeight(2, q, units(3500), WAD)]
    expect(weights.map(weight => cents(share(pools.trainers, weight, sum(weights))))).toEqual(['58087.40', '50535.57'])
  })

  it('shares what A earned with those who delegated to it', () => {
    const earned = wei(58087.40)
    const part = delegatorsPart(earned, units(3000), units(1000), (4n * WAD) / 10n)
    expect([cents(earned - part), cents(part)]).toEqual(['49374.29', '8713.11'])
    expect(delegatorsPart(earned, units(3000), 0n, 0n)).toBe(0n)
  })

  it('pays validators by closeness and stake', () => {
    const weights = [[0.472768, 3000], [0.280226, 6000], [0.247006, 3000]].map(([factor, stake]) =>
      validatorWeight(wei(factor!), units(stake!), WAD))
    expect(weights.map(weight => cents(share(pools.validators, weight, sum(weights))))).toEqual(['74054.42', '87789.25', '38691.04'])
  })
})

it('quality falls with deviation and with items left out', () => {
  expect(quality({ sum: 0n, answered: 4 }, 4, WAD)).toBe(WAD)
  expect(quality({ sum: 0n, answered: 2 }, 4, WAD)).toBe(WAD / 2n)
  expect(quality({ sum: 0n, answered: 0 }, 4, WAD)).toBe(0n)
  expect(Number(quality({ sum: WAD, answered: 4 }, 4, 4n * WAD)) / 1e18).toBeCloseTo(Math.exp(-1), 12)
})

it('gamma is the floor of either pool', () => {
  expect(splitPools(1000n, WAD / 10n, 0n, 5n)).toEqual({ trainers: 100n, validators: 900n })
})
