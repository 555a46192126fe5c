import { zeroHash } from 'viem'
import { arenaAbi } from '../abi.ts'
import type { ArenaWriter } from '../arena.ts'
import { ContractError } from '../errors.ts'
import { readTask } from '../reads/readTask.ts'
import { dueSteps, type DueStep } from '../state/dueSteps.ts'
import { batchesIn } from '../state/rounds.ts'
import type { TaskState } from '../state/taskState.ts'
import type { TransactionOptions } from '../transaction.ts'
import { closeVoid } from './closeVoid.ts'
import { fixSeed } from './fixSeed.ts'
import { payTrainers } from './payTrainers.ts'
import { payValidators } from './payValidators.ts'
import { payVoid } from './payVoid.ts'
import { rank } from './rank.ts'
import { resolve } from './resolve.ts'
import { settle } from './settle.ts'

/** Somebody else was quicker: what was due has been done. */
const DONE_BY_OTHERS = new Set(['AlreadySettledError', 'AlreadyRankedError', 'AlreadyPaidError', 'NothingToDoError', 'NoSuchDisputeError'])
/** Steps enable each other (settle, rank, pay); no task needs more passes than this. */
const MOST_PASSES = 12

/**
 * Does everything that is due in a task now: deals committees, settles, ranks, credits, closes void rounds. Anyone may.
 * @param onStep told of each step before it is sent.
 * @returns the steps that were done.
 */
export async function tick(
  writer: ArenaWriter, taskId: bigint, options: TransactionOptions & { onStep?: (step: DueStep) => void } = {},
): Promise<DueStep[]> {
  const done: DueStep[] = []
  for (let pass = 0; pass < MOST_PASSES; pass++) {
    const { task, time } = await readTask(writer, taskId, { signal: options.signal })
    const steps = dueSteps(task, time)
    if (steps.length === 0) break
    for (const step of steps) {
      options.onStep?.(step)
      try {
        await perform(writer, task, step, options)
        done.push(step)
      } catch (error) {
        if (!(error instanceof ContractError) || !DONE_BY_OTHERS.has(error.name)) throw error
      }
    }
  }
  return done
}

async function perform(writer: ArenaWriter, task: TaskState, step: DueStep, options: TransactionOptions): Promise<void> {
  const { taskId } = task
  switch (step.kind) {
    case 'fixSeed': await fixSeed(writer, { taskId, round: step.round }, options); return
    case 'settle': await settle(writer, { task, round: step.round, batch: step.batch }, options); return
    case 'rank': await rank(writer, { task, round: step.round }, options); return
    case 'payTrainers': await payTrainers(writer, { taskId, round: step.round, indices: step.indices }, options); return
    case 'resolve': await resolve(writer, { task, round: step.round, batch: step.batch, item: step.item }, options); return
    case 'payVoid': await payVoid(writer, { taskId, round: step.round, indices: step.indices }, options); return
    case 'closeVoid': await closeVoid(writer, { taskId, round: step.round }, options); return
    case 'payValidators': {
      const { round } = step
      for (let batch = 0; batch < batchesIn(task, task.rounds[round]!).length; batch++) {
        if (!await isPaid(writer, taskId, round, batch)) await payValidators(writer, { task, round, batch }, options)
      }
      return
    }
    default: step satisfies never
  }
}

/** A paid batch's record is the number 1 (`Payments.PAID_RECORD`). */
async function isPaid(writer: ArenaWriter, taskId: bigint, round: number, batch: number): Promise<boolean> {
  const record = await writer.rpc.readContract({
    address: writer.deployment.arena, abi: arenaAbi, functionName: 'recordOf', args: [taskId, BigInt(round), BigInt(batch)],
  })
  return record === `${zeroHash.slice(0, -1)}1`
}
