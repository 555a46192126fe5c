import { encodeFunctionData, erc20Abi, type Address, type TransactionReceipt } from 'viem'
import { senderOf, type ArenaWriter } from '../arena.ts'
import { send } from '../send.ts'
import type { TransactionOptions } from '../transaction.ts'

/** Lets the arena (or `spender`) take an amount of a token, unless it may already. */
export async function approve(
  writer: ArenaWriter, { token, amount, spender = writer.deployment.arena }: { token: Address; amount: bigint; spender?: Address },
  options?: TransactionOptions,
): Promise<TransactionReceipt | null> {
  if (amount === 0n) return null
  const allowance = await writer.rpc.readContract({
    address: token, abi: erc20Abi, functionName: 'allowance', args: [senderOf(writer), spender],
  })
  if (allowance >= amount) return null
  return send(writer, {
    to: token, action: 'Approve the tokens',
    data: encodeFunctionData({ abi: erc20Abi, functionName: 'approve', args: [spender, amount] }),
  }, options)
}
