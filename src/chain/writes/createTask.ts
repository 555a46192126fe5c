import { encodeFunctionData, parseEventLogs, zeroHash, type Address, type Hex, type TransactionReceipt } from 'viem'
import type { Clock, Rules } from '../../arena/parameters.ts'
import { arenaAbi } from '../abi.ts'
import type { ArenaWriter } from '../arena.ts'
import { ChainError } from '../errors.ts'
import { send } from '../send.ts'
import type { TransactionOptions } from '../transaction.ts'
import { approve } from './approve.ts'

export interface CreateTaskParameters {
  /** SHA-256 digest of the spec's raw block: `cidToDigest(cid, 'raw')`. */
  specDigest: Hex
  /** ERC-20 of the bounty; the stake token when left out. */
  bountyToken?: Address
  /** Wei of the bounty token to start with; anyone may add more. */
  bounty: bigint
  /** Wei of the stake token; lost in part when a key is withheld. At least the trainer's minimum stake. */
  bond: bigint
  trainerMinStake: bigint
  validatorMinStake: bigint
  /** Merkle root of the addresses that may stake (a closed beta); everyone when left out. */
  allowlistRoot?: Hex
  /** Without `rounds`: there are as many as shards. `start: 0` is now. */
  clock: Omit<Clock, 'rounds'>
  rules: Rules
  /** One per round, in order: keccak256 of the AES key, and SHA-256 of the plaintext rows. */
  shards: { keyHash: Hex; plaintextDigest: Hex }[]
}

/**
 * Creates a task and pays its bounty and bond, approving both first.
 * @throws ContractError (`BadParameterError` names the field), see `errors.ts`.
 */
export async function createTask(
  writer: ArenaWriter, task: CreateTaskParameters, options?: TransactionOptions,
): Promise<{ taskId: bigint; receipt: TransactionReceipt }> {
  const { arena, token } = writer.deployment
  const bountyToken = task.bountyToken ?? token
  const sameToken = bountyToken.toLowerCase() === token.toLowerCase()
  await approve(writer, { token, amount: task.bond + (sameToken ? task.bounty : 0n) }, options)
  if (!sameToken) await approve(writer, { token: bountyToken, amount: task.bounty }, options)
  const receipt = await send(writer, {
    to: arena,
    action: 'Create the task',
    data: encodeFunctionData({
      abi: arenaAbi,
      functionName: 'createTask',
      args: [{
        specDigest: task.specDigest,
        bountyToken,
        bounty: task.bounty,
        bond: task.bond,
        trainerMinStake: task.trainerMinStake,
        validatorMinStake: task.validatorMinStake,
        allowlistRoot: task.allowlistRoot ?? zeroHash,
        clock: { ...task.clock, rounds: task.shards.length },
        rules: task.rules,
        keyHashes: task.shards.map(shard => shard.keyHash),
        plaintextDigests: task.shards.map(shard => shard.plaintextDigest),
      }],
    }),
  }, options)
  const [created] = parseEventLogs({ abi: arenaAbi, eventName: 'TaskCreated', logs: receipt.logs })
  if (!created) throw new ChainError('The task was created but its number is not in the receipt.', 'Look for it in the list of tasks.')
  return { taskId: created.args.taskId, receipt }
}
