/** What rounds brought an account, and took from it. */
import type { Address } from 'viem'
import type { RoundState } from './taskState.ts'

const sum = (entries: readonly { amount: bigint }[]) => entries.reduce((total, { amount }) => total + amount, 0n)

/** Wei of a token that was credited to an account. */
export function paidTo(rounds: readonly RoundState[], account: Address, token: Address): bigint {
  return sum(rounds.flatMap(({ payments }) => payments.filter(entry => entry.account === account && entry.token === token)))
}

/** Wei of the stake token that was taken from an account. */
export function slashedFrom(rounds: readonly RoundState[], account: Address): bigint {
  return sum(rounds.flatMap(({ slashes }) => slashes.filter(entry => entry.account === account)))
}
