import { encodeFunctionData, parseEventLogs, type Address, type TransactionReceipt } from 'viem'
import { arenaAbi } from '../abi.ts'
import { senderOf, type ArenaWriter } from '../arena.ts'
import { send } from '../send.ts'
import type { TransactionOptions } from '../transaction.ts'

/**
 * Sends an account what it is owed in a token. Anyone may call it for anyone: the money only goes to its owner.
 * @returns wei that were sent.
 * @throws NothingOwedError.
 */
export async function claim(
  writer: ArenaWriter, terms: { token: Address; account?: Address }, options?: TransactionOptions,
): Promise<{ amount: bigint; receipt: TransactionReceipt }> {
  const receipt = await send(writer, {
    to: writer.deployment.arena,
    action: 'Claim rewards',
    data: encodeFunctionData({ abi: arenaAbi, functionName: 'claim', args: [terms.token, terms.account ?? senderOf(writer)] }),
  }, options)
  const [claimed] = parseEventLogs({ abi: arenaAbi, eventName: 'Claimed', logs: receipt.logs })
  return { amount: claimed?.args.amount ?? 0n, receipt }
}
