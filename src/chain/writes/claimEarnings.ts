import { encodeFunctionData, type Address, type TransactionReceipt } from 'viem'
import { delegationVaultAbi } from '../abi.ts'
import type { ArenaWriter } from '../arena.ts'
import { send } from '../send.ts'
import type { TransactionOptions } from '../transaction.ts'

/**
 * Sends the sender its part of a vault's distributions; those claimed before are passed over.
 * @param terms.numbers of distributions, see `readEarnings`.
 */
export function claimEarnings(
  writer: ArenaWriter, terms: { vault: Address; numbers: readonly number[] }, options?: TransactionOptions,
): Promise<TransactionReceipt> {
  return send(writer, {
    to: terms.vault,
    action: 'Claim delegation rewards',
    data: encodeFunctionData({ abi: delegationVaultAbi, functionName: 'claim', args: [terms.numbers.map(BigInt)] }),
  }, options)
}
