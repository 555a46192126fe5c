/**
 * The words that are put on chain in place of what is kept back. Both bind the
 * task, the round and the sender, so nobody can send somebody else's as their own.
 */
import { encodeAbiParameters, keccak256, bytesToHex, type Address, type Hex } from 'viem'

/** 32 random bytes. Without its salt a commitment can never be opened: store it before sending. */
export function newSalt(): Hex {
  return bytesToHex(crypto.getRandomValues(new Uint8Array(32)))
}

/** keccak256(abi.encode(taskId, round, trainer, adapterDigest, salt)). */
export function submissionCommitment(sealed: {
  taskId: bigint; round: number; trainer: Address; adapterDigest: Hex; salt: Hex
}): Hex {
  return keccak256(encodeAbiParameters(
    [{ type: 'uint256' }, { type: 'uint256' }, { type: 'address' }, { type: 'bytes32' }, { type: 'bytes32' }],
    [sealed.taskId, BigInt(sealed.round), sealed.trainer, sealed.adapterDigest, sealed.salt]))
}

/** keccak256(abi.encode(taskId, round, batch, item, juror, salt, score)): a juror's verdict on one disputed item. */
export function jurySeal(sealed: {
  taskId: bigint; round: number; batch: number; item: number; juror: Address; salt: Hex; score: number
}): Hex {
  return keccak256(encodeAbiParameters(
    [{ type: 'uint256' }, { type: 'uint256' }, { type: 'uint256' }, { type: 'uint256' }, { type: 'address' }, { type: 'bytes32' }, { type: 'uint32' }],
    [sealed.taskId, BigInt(sealed.round), BigInt(sealed.batch), BigInt(sealed.item), sealed.juror, sealed.salt, sealed.score]))
}

/** keccak256(abi.encode(taskId, round, batch, validator, salt, keccak256(vector))). */
export function scoreSeal(sealed: {
  taskId: bigint; round: number; batch: number; validator: Address; salt: Hex; vector: Hex
}): Hex {
  return keccak256(encodeAbiParameters(
    [{ type: 'uint256' }, { type: 'uint256' }, { type: 'uint256' }, { type: 'address' }, { type: 'bytes32' }, { type: 'bytes32' }],
    [sealed.taskId, BigInt(sealed.round), BigInt(sealed.batch), sealed.validator, sealed.salt, keccak256(sealed.vector)]))
}
