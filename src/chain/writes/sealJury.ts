import { encodeFunctionData, type Hex, type TransactionReceipt } from 'viem'
import { jurySeal } from '../../arena/commitments.ts'
import { itemKey } from '../../arena/round.ts'
import { arenaAbi } from '../abi.ts'
import { senderOf, type ArenaWriter } from '../arena.ts'
import { ChainError } from '../errors.ts'
import { send } from '../send.ts'
import type { DisputeState, TaskState } from '../state/taskState.ts'
import type { TransactionOptions } from '../transaction.ts'

/** A juror's verdict on one disputed item. */
export interface JuryVerdict {
  task: TaskState
  round: number
  batch: number
  item: number
  /** Micro-bits per byte, `INVALID` or `ABSTAIN`. */
  score: number
  /** From `newSalt()`; store it and the score before sending. */
  salt: Hex
}

/**
 * Sits in a jury, or replaces the seal of one who sits; takes a validator's stake in the task.
 * @throws WrongJuryPhaseError, InsufficientStakeError, WrongRoleError, NotAJurorError when somebody took the seat first: try again.
 */
export function sealJury(writer: ArenaWriter, verdict: JuryVerdict, options?: TransactionOptions): Promise<TransactionReceipt> {
  const { task, round, batch, item } = verdict
  const juror = senderOf(writer)
  const { jurors } = disputeIn(verdict)
  const seat = jurors.findIndex(entry => entry.juror === juror)
  const seal = jurySeal({ ...verdict, taskId: task.taskId, juror })
  return send(writer, {
    to: writer.deployment.arena,
    action: 'Seal the jury\'s verdict',
    data: encodeFunctionData({
      abi: arenaAbi, functionName: 'sealJury',
      args: [task.taskId, BigInt(round), BigInt(batch), BigInt(item), BigInt(seat < 0 ? jurors.length : seat), seal],
    }),
  }, options)
}

/** The dispute about an item. */
export function disputeIn({ task, round, batch, item }: Pick<JuryVerdict, 'task' | 'round' | 'batch' | 'item'>): DisputeState {
  const dispute = task.rounds[round]?.disputes.get(itemKey(batch, item))
  if (!dispute) throw new ChainError(`Item ${item} of batch ${batch} in round ${round + 1} is before no jury.`, 'Read the task again.')
  return dispute
}
