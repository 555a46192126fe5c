import { encodeFunctionData, type Address, type TransactionReceipt } from 'viem'
import { delegationVaultAbi } from '../abi.ts'
import type { ArenaWriter } from '../arena.ts'
import { send } from '../send.ts'
import type { TransactionOptions } from '../transaction.ts'

/**
 * Puts some of the sender's vault shares on notice, in place of what was on notice before: the operator
 * cannot put their value into further tasks. 0 takes it back.
 * @throws NoticeTooLargeError.
 */
export function giveNotice(
  writer: ArenaWriter, terms: { vault: Address; shares: bigint }, options?: TransactionOptions,
): Promise<TransactionReceipt> {
  return send(writer, {
    to: terms.vault,
    action: 'Give notice to the vault',
    data: encodeFunctionData({ abi: delegationVaultAbi, functionName: 'giveNotice', args: [terms.shares] }),
  }, options)
}
