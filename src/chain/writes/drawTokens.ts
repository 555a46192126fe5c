import { encodeFunctionData, type Address, type TransactionReceipt } from 'viem'
import { testTokenAbi } from '../abi.ts'
import { senderOf, type ArenaWriter } from '../arena.ts'
import { ChainError } from '../errors.ts'
import { send } from '../send.ts'
import type { TransactionOptions } from '../transaction.ts'

/**
 * Draws test tokens from the faucet; only where the arena's token is the test token.
 * @param amount wei, at most `FAUCET_LIMIT` a call.
 * @throws ChainError where there is no faucet; AboveLimitError.
 */
export async function drawTokens(
  writer: ArenaWriter, amount: bigint, options: TransactionOptions & { account?: Address } = {},
): Promise<TransactionReceipt> {
  if (!writer.deployment.faucet) {
    throw new ChainError('This arena has no faucet: its token is a real one.', 'Buy or receive the token, or use a test network.')
  }
  return send(writer, {
    to: writer.deployment.token,
    action: 'Draw test tokens',
    data: encodeFunctionData({ abi: testTokenAbi, functionName: 'draw', args: [options.account ?? senderOf(writer), amount] }),
  }, options)
}
