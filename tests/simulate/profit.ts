/** What a strategy earned per unit of its stake, and how sure that is. */
import type { PlayedTask } from '../scale/played.ts'
import { CREATOR } from './strategies.ts'

/** A mean with its 95 % confidence interval (normal approximation). */
export interface Estimate {
  mean: number
  half: number
}

export function estimate(values: readonly number[]): Estimate {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, values.length - 1)
  return { mean, half: 1.96 * Math.sqrt(variance / values.length) }
}

/** `12.3 ± 0.4 %` */
export const percent = ({ mean, half }: Estimate): string => `${(100 * mean).toFixed(1).replace(/^-0\.0$/, '0.0')} ± ${(100 * half).toFixed(1)} %`

/** Rewards less slashes of some accounts over a whole task, per unit of what they staked; both tokens count alike. */
export function profit({ plan, ledger }: Pick<PlayedTask, 'plan' | 'ledger'>, actors: readonly number[]): number {
  const accounts = new Set(actors.map(actor => ledger.addressOf(actor)))
  let gained = 0n
  for (const outcome of ledger.outcomes) {
    for (const { account, amount } of outcome?.payments ?? []) if (accounts.has(account)) gained += amount
    for (const { account, amount } of outcome?.slashes ?? []) if (accounts.has(account)) gained -= amount
  }
  let staked = plan.stakes.filter(({ actor }) => actors.includes(actor)).reduce((sum, { amount }) => sum + amount, 0n)
  if (actors.includes(CREATOR)) {
    staked = plan.bond
    gained -= plan.bond - ledger.bondReturned
  }
  return Number(gained) / Number(staked)
}
