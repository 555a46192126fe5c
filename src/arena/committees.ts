/**
 * How submissions are cut into batches and validators dealt to them
 * (`contracts/src/libraries/Committees.sol`): n validators, m submissions,
 * committees of c, batches of s.
 */
import { encodeAbiParameters, keccak256, type Hex } from 'viem'

/** Validators who are dealt in at most: a round is concluded in one transaction. */
const MAX_DEALT = 512

/** B = max(1, min(ceil(m / s), floor(n / c), floor(512 / c))). */
export function batchCount(n: number, m: number, c: number, s: number): number {
  return Math.max(1, Math.min(Math.ceil(m / s), Math.floor(n / c), Math.floor(MAX_DEALT / c)))
}

/** Members of each committee. */
export const committeeSize = (n: number, c: number): number => Math.min(n, c)

/** Batch b of `count` judges submissions [from, to). */
export function batchRange(b: number, count: number, m: number): { from: number; to: number } {
  return { from: Math.floor((b * m) / count), to: Math.floor(((b + 1) * m) / count) }
}

/**
 * Where a position of 0 … n - 1 goes in the permutation that the seed fixes:
 * four rounds of a balanced Feistel network, walked until the value is below n
 * (Black and Rogaway, "Ciphers with arbitrary finite domains", 2002).
 */
export function permute(seed: Hex, n: number, position: number): number {
  let half = 1
  while (2 ** (2 * half) < n) half++
  const mask = 2 ** half - 1
  let x = position
  do {
    let left = x >>> half
    let right = x & mask
    for (let i = 0; i < 4; i++) [left, right] = [right, left ^ (feistel(seed, i, right) & mask)]
    x = (left << half) | right
  } while (x >= n)
  return x
}

/** Enrolment indices of a batch's committee, by position. Where n <= c everybody sits in the order of enrolment. */
export function committeeOf(batch: number, n: number, c: number, seed: Hex | null): number[] {
  const positions = Array.from({ length: committeeSize(n, c) }, (_, position) => position)
  if (n <= c) return positions
  if (seed === null) throw new RangeError('The committees are not dealt before the seed is fixed.')
  return positions.map(position => permute(seed, n, batch * c + position))
}

/** The lowest bits of keccak256(abi.encode(seed, i, right)). */
function feistel(seed: Hex, i: number, right: number): number {
  const hash = keccak256(encodeAbiParameters(
    [{ type: 'bytes32' }, { type: 'uint256' }, { type: 'uint256' }], [seed, BigInt(i), BigInt(right)]))
  return Number.parseInt(hash.slice(-8), 16)
}
