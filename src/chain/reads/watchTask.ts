import { getAddress, type Address } from 'viem'
import type { Phase } from '../../arena/phases.ts'
import type { ArenaReader } from '../arena.ts'
import { ContractError, toChainError } from '../errors.ts'
import { feedOf } from '../feed.ts'
import { dueSteps, type DueStep } from '../state/dueSteps.ts'
import { leagueOf, type LeagueRow } from '../state/league.ts'
import { positionOf, type Position } from '../state/position.ts'
import { roundView } from '../state/rounds.ts'
import type { RoundState, SubmissionState, TaskState, ValidatorState } from '../state/taskState.ts'
import type { SyncResult } from '../sync.ts'
import { readBalances, type Balances } from './readBalances.ts'
import { readWeightUnit } from './readWeightUnit.ts'

/** A task at one moment. */
export interface TaskView {
  task: TaskState
  /** The round shown: the current one, or the one asked for. */
  round: RoundState
  phase: Phase
  /** Unix milliseconds, by the chain's clock, at which the phase ends; Infinity for `final`. */
  deadline: number
  /** The chain's time in Unix milliseconds as of its newest block. */
  time: number
  submissions: SubmissionState[]
  validators: ValidatorState[]
  league: LeagueRow[]
  /** What anyone can do now to move the task on; `tick` does it. */
  due: DueStep[]
  /** Where the account stands; null when none was given. */
  position: Position | null
  /** What the account has of the stake token and, where it is another one, of the bounty token. */
  balances: Balances[]
}

export interface WatchTaskOptions {
  taskId: bigint
  account?: Address | null
  /** Round to show instead of the current one. */
  round?: number
  /** Told once at first and then whenever something has changed. */
  onChange: (view: TaskView) => void
  /** Something failed; watching goes on. */
  onError?: (error: Error) => void
}

/**
 * Watches a task until the returned function is called: reads its events as they
 * come, and tells when they, the phase or the account's balances change.
 */
export function watchTask(reader: ArenaReader, options: WatchTaskOptions): () => void {
  const feed = feedOf(reader)
  const account = options.account ? getAddress(options.account) : null
  const report = (error: unknown) => { if (!stopped) options.onError?.(toChainError(error)) }
  let stopped = false
  let known: TaskState | null = null
  let shown = ''
  let turn = Promise.resolve()
  /** As of a block: they do not change within one. */
  let balances: { block: number; all: Balances[] } | null = null

  async function update({ head }: SyncResult): Promise<void> {
    if (stopped) return
    const task = (await feed.tasks.read()).get(String(options.taskId))
    if (!task) {
      throw new ContractError('NoSuchTaskError', `There is no task ${options.taskId}.`, 'Choose one from the list of tasks.', 'NoSuchTask')
    }
    const weightUnit = await readWeightUnit(reader)
    if (balances?.block !== head.number) balances = { block: head.number, all: await balancesIn(task) }
    const { all } = balances
    const round = roundView(task, head.timestamp, options.round)
    const key = JSON.stringify([round.round.round, round.phase, round.ends, all.map(({ held, owed }) => `${held} ${owed}`)])
    if (stopped || (key === shown && task === known)) return
    shown = key
    known = task
    options.onChange({
      task, round: round.round, phase: round.phase, deadline: round.ends * 1000, time: head.timestamp * 1000,
      submissions: round.round.submissions, validators: round.round.validators,
      league: leagueOf(task, round.round, weightUnit),
      due: dueSteps(task, head.timestamp),
      position: account ? positionOf(task, round.round, account, head.timestamp) : null,
      balances: all,
    })
  }

  async function balancesIn({ bountyToken }: TaskState): Promise<Balances[]> {
    if (!account) return []
    return Promise.all([...new Set([reader.deployment.token, bountyToken])].map(token => readBalances(reader, account, token)))
  }

  const unsubscribe = feed.subscribe({
    onSync: result => { turn = turn.then(() => update(result)).catch(report) },
    onError: report,
  })
  return () => {
    stopped = true
    unsubscribe()
  }
}
