import type { Hex } from 'viem'
import { toChainError } from '../errors.ts'
import { senderOf, type ArenaWriter } from '../arena.ts'
import { sealTypedData, type SignedSeal } from '../signedSeal.ts'

/**
 * Signs the sender's seal for somebody else to send, which costs no gas (EIP-712).
 * @param terms.seal `scoreSeal` of the scores; store scores and salt first.
 * @throws RejectedByUserError.
 */
export async function signSeal(writer: ArenaWriter, terms: { taskId: bigint; round: number; seal: Hex }): Promise<SignedSeal> {
  try {
    const signature = await writer.wallet.signTypedData({ account: writer.wallet.account, ...sealTypedData(writer.deployment, terms) })
    return { validator: senderOf(writer), seal: terms.seal, signature }
  } catch (error) {
    throw toChainError(error)
  }
}
