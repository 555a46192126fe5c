import { encodeFunctionData, type Address, type TransactionReceipt } from 'viem'
import { delegationVaultAbi } from '../abi.ts'
import type { ArenaWriter } from '../arena.ts'
import { send } from '../send.ts'
import type { TransactionOptions } from '../transaction.ts'

/**
 * Collects what a vault earned in a paid round, and shares it out among those who held shares before it. Anyone may.
 * Nothing happens where nothing was earned.
 */
export function harvest(
  writer: ArenaWriter, terms: { vault: Address; taskId: bigint; round: number }, options?: TransactionOptions,
): Promise<TransactionReceipt> {
  return send(writer, {
    to: terms.vault,
    action: 'Collect the vault\'s earnings',
    data: encodeFunctionData({ abi: delegationVaultAbi, functionName: 'harvest', args: [terms.taskId, BigInt(terms.round)] }),
  }, options)
}
