import type { Address } from 'viem'
import { juryPhase, juryPhaseEnd } from '../chain/state/rounds.ts'
import type { TaskState } from '../chain/state/taskState.ts'

/** What a validator owes to the juries of a task. `jurySeal` is voluntary, and paid; who sealed has to reveal. */
export interface JuryDuty {
  kind: 'jurySeal' | 'juryReveal'
  round: number
  batch: number
  item: number
  /** Unix seconds. */
  deadline: number
}

/** Every validator's tab sits in every jury of its task: the larger the jury, the harder it is to bend. */
export function juryDutiesOf(task: TaskState, account: Address, time: number): JuryDuty[] {
  const stake = task.stakes.get(account)
  return task.rounds.flatMap((state) => [...state.disputes.values()].flatMap(({ batch, item, jurors, outcome }): JuryDuty[] => {
    if (outcome !== null) return []
    const phase = juryPhase(task, state, time)
    const place = { round: state.round, batch, item, deadline: juryPhaseEnd(task, state, time) }
    const seat = jurors.find(({ juror }) => juror === account)
    const able = stake?.role === 'validator' && stake.amount >= task.validatorMinStake
    if (phase === 'validate' && !seat && able) return [{ kind: 'jurySeal', ...place }]
    if (phase === 'reveal' && seat?.score === null) return [{ kind: 'juryReveal', ...place }]
    return []
  }))
}
