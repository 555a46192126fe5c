/**
 * A seal that a validator signed and that anyone may send (`sealFor`): how it
 * is signed, checked, and written down to be passed on.
 */
import { isAddressEqual, recoverTypedDataAddress, type Hex } from 'viem'
import type { SealMessage } from '../arena/scoreMessages.ts'
import type { Deployment } from './deployments.ts'

/** One validator's seal with the signature that lets others send it. */
export type SignedSeal = Pick<SealMessage, 'validator' | 'seal' | 'signature'>

/** What is signed: EIP-712, as `contracts/src/arena/Scores.sol` reads it. */
export const sealTypedData = (deployment: Pick<Deployment, 'chainId' | 'arena'>, sealed: { taskId: bigint; round: number; seal: Hex }) => ({
  domain: { name: 'Lanista', version: '1', chainId: deployment.chainId, verifyingContract: deployment.arena },
  types: { Seal: [{ name: 'taskId', type: 'uint256' }, { name: 'round', type: 'uint256' }, { name: 'seal', type: 'bytes32' }] },
  primaryType: 'Seal',
  message: { taskId: sealed.taskId, round: BigInt(sealed.round), seal: sealed.seal },
} as const)

/** Whether the validator really signed the seal for this round; never throws. */
export async function isSignedBy(
  deployment: Pick<Deployment, 'chainId' | 'arena'>, place: { taskId: bigint; round: number }, { validator, seal, signature }: SignedSeal,
): Promise<boolean> {
  try {
    return isAddressEqual(await recoverTypedDataAddress({ ...sealTypedData(deployment, { ...place, seal }), signature }), validator)
  } catch {
    return false
  }
}
