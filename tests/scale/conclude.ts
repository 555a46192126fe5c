/** The end of a round, on the chain and in the books. */
import { encodeFunctionData, type Hex } from 'viem'
import { REASONS, type Verdict } from '../../src/arena/consensus.ts'
import { packScores } from '../../src/arena/scoreVector.ts'
import { arenaAbi } from '../../src/chain/abi.ts'
import type { PlayedTask, Stage } from './played.ts'

/** Ranks and pays, or closes as void, the round of each task whose dispute window is over. */
export async function conclude({ chain, call }: Stage, tasks: readonly PlayedTask[], round: number): Promise<void> {
  const id = BigInt(round)
  for (const { plan, taskId, ledger, rounds } of tasks) {
    const { outcome, opened } = rounds[round]!
    const trainers = opened.map(({ actor }) => ledger.addressOf(actor))
    if (outcome) ledger.book(outcome, trainers)
    if (outcome && !outcome.badShard) {
      const records = outcome.verdicts.map(recordOf)
      const indices = outcome.winners.map(BigInt)
      call(plan.creator, 'rank', encodeFunctionData({
        abi: arenaAbi, functionName: 'rank', args: [taskId, id, records, indices, outcome.slashedSubmissions.map(BigInt)],
      }))
      if (indices.length > 0) {
        call(plan.creator, 'payTrainers', encodeFunctionData({ abi: arenaAbi, functionName: 'payTrainers', args: [taskId, id, indices] }))
      }
      records.forEach((record, batch) => {
        call(plan.creator, 'payValidators', encodeFunctionData({ abi: arenaAbi, functionName: 'payValidators', args: [taskId, id, BigInt(batch), record] }))
      })
      continue
    }
    const bps = plan.rounds[round]!.keyRevealed ? (outcome?.badShard ? plan.rules.slashShard : 0) : plan.rules.slashKey
    if (!outcome) ledger.close({ submissions: trainers, bps })
    call(plan.creator, 'closeVoid', encodeFunctionData({ abi: arenaAbi, functionName: 'closeVoid', args: [taskId, id] }))
    if (bps > 0 && trainers.length > 0) {
      call(plan.creator, 'payVoid', encodeFunctionData({ abi: arenaAbi, functionName: 'payVoid', args: [taskId, id, trainers.map((_, index) => BigInt(index))] }))
    }
  }
  await chain.flush()
}

/** A verdict as the contract keeps it: pay weight << 8 | 0, or 1 + the reason of a slash. */
function recordOf({ consensus, results }: Verdict): { consensus: Hex; results: bigint[] } {
  return {
    consensus: packScores(consensus),
    results: results.map(result => ('pay' in result ? result.pay << 8n : BigInt(1 + REASONS.indexOf(result.slashed)))),
  }
}
