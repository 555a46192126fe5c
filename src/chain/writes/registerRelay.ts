import { encodeFunctionData, type TransactionReceipt } from 'viem'
import { relayRegistryAbi } from '../abi.ts'
import type { ArenaWriter } from '../arena.ts'
import { send } from '../send.ts'
import type { TransactionOptions } from '../transaction.ts'

/**
 * Writes down the sender's relay for everyone to find; an empty list takes it back.
 * @param multiaddrs at most 1,024 bytes in all, one a line.
 */
export function registerRelay(writer: ArenaWriter, multiaddrs: readonly string[], options?: TransactionOptions): Promise<TransactionReceipt> {
  return send(writer, {
    to: writer.deployment.registry,
    action: multiaddrs.length > 0 ? 'Register the relay' : 'Withdraw the relay',
    data: encodeFunctionData({ abi: relayRegistryAbi, functionName: 'announce', args: [multiaddrs.join('\n')] }),
  }, options)
}
