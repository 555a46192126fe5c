import { encodeFunctionData, type Hex, type TransactionReceipt } from 'viem'
import { arenaAbi } from '../abi.ts'
import type { ArenaWriter } from '../arena.ts'
import { send } from '../send.ts'
import type { TransactionOptions } from '../transaction.ts'
import { approve } from './approve.ts'

/** The two roles that stake; the numbers are the contract's. */
export const ROLES = { trainer: 1, validator: 2 } as const
export type StakeRole = keyof typeof ROLES

/**
 * Adds to the sender's stake in a task, approving the amount first. The first stake chooses the role for good.
 * @param terms.lockUntil Unix seconds before which it cannot be withdrawn; a longer lock weighs more.
 * @param terms.proof Merkle proof where the task has a list of guests.
 * @throws InsufficientBalanceError, WrongRoleError, NotAllowedError.
 */
export async function stake(
  writer: ArenaWriter, terms: { taskId: bigint; role: StakeRole; amount: bigint; lockUntil?: number; proof?: Hex[] },
  options?: TransactionOptions,
): Promise<TransactionReceipt> {
  await approve(writer, { token: writer.deployment.token, amount: terms.amount }, options)
  return send(writer, {
    to: writer.deployment.arena,
    action: `Stake as ${terms.role}`,
    data: encodeFunctionData({
      abi: arenaAbi, functionName: 'stake',
      args: [terms.taskId, ROLES[terms.role], terms.amount, terms.lockUntil ?? 0, terms.proof ?? []],
    }),
  }, options)
}
