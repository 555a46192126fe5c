/**
 * The contracts' custom errors in plain words: stable name, what happened, what to do.
 * Keys are the Solidity names; a value gets the error's arguments in order.
 */
import { formatEther } from 'viem'

/** How one refusal is told to a person. */
export interface Explanation {
  name: string
  message: string
  advice: string
}

const tokens = (value: unknown): string => (typeof value === 'bigint' ? formatEther(value) : String(value))

export const contractErrors: Record<string, ((args: readonly unknown[]) => Explanation) | undefined> = {
  ERC20InsufficientBalance: ([, balance, needed]) => ({
    name: 'InsufficientBalanceError',
    message: `The account holds ${tokens(balance)} tokens; ${tokens(needed)} are needed.`,
    advice: 'Get tokens (from the faucet on a test network) or choose a smaller amount.',
  }),
  ERC20InsufficientAllowance: ([, allowance, needed]) => ({
    name: 'InsufficientAllowanceError',
    message: `The arena may move ${tokens(allowance)} of the account's tokens; ${tokens(needed)} are needed.`,
    advice: 'Approve the amount first.',
  }),
}
