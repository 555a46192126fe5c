import type { Address } from 'viem'
import { phaseEnd } from '../../arena/phases.ts'
import { arenaAbi } from '../abi.ts'
import type { ArenaReader } from '../arena.ts'
import { toChainError } from '../errors.ts'

/** Seconds before a task's end from which sharing ratios stay as they are (`Delegation.FREEZE`). */
const FREEZE = 2 * 86_400

/** What delegators put behind an operator in a task. */
export interface TaskBacking {
  /** Wei of delegated stake. */
  amount: bigint
  /** The operator's sharing ratio, wad; null while it has none, and can take no delegated stake. */
  sigma: bigint | null
  /** Unix seconds after which the ratio does not change any more; a first one can still be set. */
  frozenFrom: number
}

/** What stands behind an operator in a task, and on which terms. */
export async function readBacking({ rpc, deployment }: ArenaReader, { taskId, operator }: { taskId: bigint; operator: Address }): Promise<TaskBacking> {
  const arena = { address: deployment.arena, abi: arenaAbi } as const
  try {
    const [{ amount, sigma, known }, [, clock]] = await Promise.all([
      rpc.readContract({ ...arena, functionName: 'backingOf', args: [taskId, operator] }),
      rpc.readContract({ ...arena, functionName: 'taskOf', args: [taskId] }),
    ])
    // The end of the last round's dispute window is the start of the round that there is not.
    return { amount, sigma: known ? sigma : null, frozenFrom: phaseEnd(clock, clock.rounds - 1, 'dispute') - FREEZE }
  } catch (error) {
    throw toChainError(error)
  }
}
