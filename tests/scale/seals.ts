/** Score vectors as they are sealed, by everybody alone or gathered. */
import { concatHex, encodeFunctionData, type Address, type Hex } from 'viem'
import { scoreSeal } from '../../src/arena/commitments.ts'
import { batchesOf, membersOf } from '../../src/arena/round.ts'
import { packScores } from '../../src/arena/scoreVector.ts'
import { arenaAbi } from '../../src/chain/abi.ts'
import { sealTypedData } from '../../src/chain/signedSeal.ts'
import { CHAIN_ID } from './bulkChain.ts'
import type { PlayedTask, Stage } from './played.ts'
import { WORD } from './world.ts'

/** A vector as a validator seals it. */
export interface Sealed {
  actor: number
  batch: number
  vector: Hex
  seal: Hex
}

export const chunks = <T>(values: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(values.length / size) }, (_, index) => values.slice(index * size, (index + 1) * size))

/** Seals of validators who signed for them, gathered into one transaction (EIP-712). */
export async function sealForData({ actors, arena }: Stage, sealed: readonly Sealed[], taskId: bigint, round: number): Promise<Hex> {
  const signatures = await Promise.all(sealed.map(({ actor, seal: word }) => actors[actor]!.account.signTypedData(sealTypedData({ chainId: CHAIN_ID, arena }, { taskId, round, seal: word }))))
  return encodeFunctionData({
    abi: arenaAbi, functionName: 'sealFor',
    args: [taskId, BigInt(round), sealed.map(({ actor }) => actors[actor]!.address), sealed.map(({ seal: word }) => word), concatHex(signatures)],
  })
}

/** Everybody who was dealt in and does more than nothing seals a vector; notes what the round will be judged by. */
export function seal(task: PlayedTask, round: number, addresses: readonly Address[]): Sealed[] {
  const { plan, taskId, ledger, rounds } = task
  const played = rounds[round]!
  const { validators, score } = plan.rounds[round]!
  const input = ledger.input(round, played.opened, played.enrolled, played.seed)
  const judging = input.validators.map(validator => ({ ...validator }))
  const sealed: Sealed[] = []
  batchesOf(input).forEach(({ from, to }, batch) => {
    for (const index of membersOf(input, batch)) {
      const { actor, does } = validators[index]!
      if (does === 'nothing') continue
      const scores = [score(actor, null), ...Array.from({ length: to - from }, (_, item) => score(actor, from + item))]
      const vector = packScores(scores)
      sealed.push({ actor, batch, vector, seal: scoreSeal({ taskId, round, batch, validator: addresses[actor]!, salt: WORD, vector }) })
      if (does === 'reveals') judging[index]!.revealed = { batch, scores }
    }
  })
  played.input = { ...input, validators: judging }
  return sealed
}
