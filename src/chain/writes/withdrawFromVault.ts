import { encodeFunctionData, type Address, type TransactionReceipt } from 'viem'
import { delegationVaultAbi } from '../abi.ts'
import { senderOf, type ArenaWriter } from '../arena.ts'
import { send } from '../send.ts'
import type { TransactionOptions } from '../transaction.ts'

/**
 * Ends a delegation, in part or whole (ERC-4626): by `shares` given back, or by `amount` of tokens wanted.
 * While a round is open, stake at risk counts at half its value; only what lies idle can leave.
 * @param terms.amount wei of the stake token.
 * @throws VaultTooEmptyError when more is asked for than can leave now.
 */
export function withdrawFromVault(
  writer: ArenaWriter, terms: { vault: Address } & ({ shares: bigint } | { amount: bigint }), options?: TransactionOptions,
): Promise<TransactionReceipt> {
  const account = senderOf(writer)
  return send(writer, {
    to: terms.vault,
    action: 'End the delegation',
    data: 'shares' in terms
      ? encodeFunctionData({ abi: delegationVaultAbi, functionName: 'redeem', args: [terms.shares, account, account] })
      : encodeFunctionData({ abi: delegationVaultAbi, functionName: 'withdraw', args: [terms.amount, account, account] }),
  }, options)
}
