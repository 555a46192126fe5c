/** How batches are settled, truly and falsely. */
import { concatHex, encodeFunctionData, type Hex } from 'viem'
import { membersOf } from '../../src/arena/round.ts'
import { ABSTAIN, packScores } from '../../src/arena/scoreVector.ts'
import { arenaAbi } from '../../src/chain/abi.ts'
import type { PlayedTask, Stage } from './played.ts'

/** What settles one batch. */
export interface Settlement {
  consensus: number[]
  /** Revealed vectors by position. */
  vectors: Hex[]
}

/** Judges a round by `src/arena` alone: the consensus to claim, batch by batch. */
export function settleBatches(task: PlayedTask, round: number): Settlement[] {
  const input = task.rounds[round]!.input!
  const outcome = task.ledger.preview(input)
  task.rounds[round]!.outcome = outcome
  return outcome.verdicts.map(({ consensus }, batch) => ({
    consensus,
    vectors: membersOf(input, batch).flatMap(index => {
      const { revealed } = input.validators[index]!
      return typeof revealed === 'string' ? [] : [packScores(revealed.scores)]
    }),
  }))
}

export const settleData = (taskId: bigint, round: number, batch: number, consensus: number[], vectors: Hex[]): Hex => encodeFunctionData({
  abi: arenaAbi, functionName: 'settle',
  args: [taskId, BigInt(round), BigInt(batch), packScores(consensus), vectors.length > 0 ? concatHex(vectors) : '0x'],
})

/** Tries what a griefing poster would: a consensus one too low or too high, a vector left out, two swapped. */
export async function grief(
  { chain, arena, griefing }: Stage, { taskId }: PlayedTask, round: number, settlements: readonly Settlement[],
): Promise<void> {
  for (const [batch, { consensus, vectors }] of settlements.entries()) {
    const item = (batch + round) % consensus.length
    const shifted = (by: number) => consensus.map((score, index) => (index === item ? score + by : score))
    const [first, second, ...rest] = vectors
    const tries: [number[], Hex[]][] = [[shifted(-1), vectors], [consensus, vectors.slice(1)]]
    // One above the largest number is no number any more.
    if (consensus[item]! < ABSTAIN) tries.push([shifted(1), vectors])
    if (first && second && first !== second) tries.push([consensus, [second, first, ...rest]])
    for (const [claimed, given] of tries) {
      griefing.attempts++
      if (await chain.refuses({ to: arena, data: settleData(taskId, round, batch, claimed, given) })) griefing.refused++
    }
  }
}
