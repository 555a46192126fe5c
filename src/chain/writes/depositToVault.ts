import { encodeFunctionData, type Address, type TransactionReceipt } from 'viem'
import { delegationVaultAbi } from '../abi.ts'
import { senderOf, type ArenaWriter } from '../arena.ts'
import { send } from '../send.ts'
import type { TransactionOptions } from '../transaction.ts'
import { approve } from './approve.ts'

/**
 * Delegates stake: puts tokens into an operator's vault (ERC-4626) for shares of it, approving them first.
 * @param terms.amount wei of the stake token.
 * @param terms.receiver who gets the shares; the sender when left out.
 * @throws InsufficientBalanceError.
 */
export async function depositToVault(
  writer: ArenaWriter, terms: { vault: Address; amount: bigint; receiver?: Address }, options?: TransactionOptions,
): Promise<TransactionReceipt> {
  await approve(writer, { token: writer.deployment.token, amount: terms.amount, spender: terms.vault }, options)
  return send(writer, {
    to: terms.vault,
    action: 'Delegate stake',
    data: encodeFunctionData({ abi: delegationVaultAbi, functionName: 'deposit', args: [terms.amount, terms.receiver ?? senderOf(writer)] }),
  }, options)
}
