/**
 * Does what an account owes while a tab is open: opens adapters, scores,
 * reveals, sits in juries, reveals the keys of tasks it created, and settles rounds for everybody. Each job is idempotent and starts
 * from the chain's state, so a reload at any point only means: look again.
 */
import type { Hex } from 'viem'
import { ArenaError } from '../arena/errors.ts'
import type { TaskSpec } from '../arena/taskSpec.ts'
import { senderOf, type ArenaWriter } from '../chain/arena.ts'
import { dueSteps } from '../chain/state/dueSteps.ts'
import { dutiesOf, type Duty } from '../chain/state/duties.ts'
import { batchesIn } from '../chain/state/rounds.ts'
import type { TaskState } from '../chain/state/taskState.ts'
import { revealJury } from '../chain/writes/revealJury.ts'
import { sealJury, type JuryVerdict } from '../chain/writes/sealJury.ts'
import { tick } from '../chain/writes/tick.ts'
import { hearScores, tellScores, type ArenaNode } from '../network/index.ts'
import { database, type ValidationRecord } from '../store/database.ts'
import { keysDue, offerCreated, revealKeptKey } from './createdTasks.ts'
import { revealTogether, sayScoring, sealTogether, type ScoreChannel } from './gatherScores.ts'
import { juryDutiesOf, type JuryDuty } from './jury.ts'
import { modelSource } from './modelSource.ts'
import { openAdapter } from './submit.ts'
import { scoreBatch, validationKey, type ValidationStage } from './validateRound.ts'

/** The scores are ready; those of the committee go to the chain together. */
export interface GatheringStage {
  stage: 'gathering'
  /** Validators whose part is at hand, of those whose part is not on chain. */
  ready: number
  missing: number
}

export interface Job {
  task: string
  kind: Duty['kind'] | JuryDuty['kind'] | 'key' | 'settle'
  /** Round, or `round.batch.item` of a jury. */
  round: number | string
  state: 'running' | 'done' | 'failed'
  stage: ValidationStage | GatheringStage | null
  /** Why the last try failed; kept while the next one runs. */
  error: unknown
}

/** Jobs of this tab by `task:kind:round`, a jury's by `task:kind:round.batch.item`. */
export const jobs = $state<Record<string, Job | undefined>>({})

export interface AutopilotContext {
  writer: ArenaWriter
  node: ArenaNode
  /** The task's name in this browser's database. */
  taskKey: (task: TaskState) => string
  specOf: (task: TaskState) => Promise<TaskSpec>
}

export class ScoresLostError extends ArenaError {
  override name = 'ScoresLostError'
  constructor() {
    super('This browser does not know the scores that were sealed.', 'Open the page in the browser profile that sealed them before the phase ends.')
  }
}

/** A job that ended is looked at again after this, milliseconds: the chain's state, as this tab knows it, trails a little behind. */
const REST = 5000
const endedAt = new Map<string, number>()

/** Starts every job that is due and not running. */
export function attend(context: AutopilotContext, tasks: readonly TaskState[], now: number): void {
  const account = senderOf(context.writer)
  for (const task of tasks) {
    for (const duty of dutiesOf(task, account, now)) {
      void run(context, task, duty.kind, duty.round, (job) => perform(context, task, duty, job))
    }
    for (const duty of juryDutiesOf(task, account, now)) {
      void run(context, task, duty.kind, `${duty.round}.${duty.batch}.${duty.item}`, (job) => serve(context, task, duty, job))
    }
    if (task.creator === account) {
      void offerCreated(context.node, task)
      for (const round of keysDue(task, now)) void run(context, task, 'key', round, () => revealKeptKey(context.writer, task, round))
    }
    // Who has a part in a task settles it; a stranger's tab may, with the button on the league page.
    const [step] = dueSteps(task, now)
    if (step && (task.stakes.has(account) || task.creator === account)) void run(context, task, 'settle', step.round, () => settleTask(context, task))
  }
}

/** A job that failed is tried again when the chain is next looked at. */
export function retry({ task, kind, round }: Job): void {
  endedAt.delete(nameOf(task, kind, round))
}

/** Settles, ranks and pays whatever is due in a task. */
export async function settleTask(context: Pick<AutopilotContext, 'writer'>, task: Pick<TaskState, 'taskId'>): Promise<void> {
  await tick(context.writer, task.taskId)
}

const nameOf = (task: string, kind: Job['kind'], round: Job['round']) => `${task}:${kind}:${round}`

async function run(context: AutopilotContext, task: TaskState, kind: Job['kind'], round: number | string, action: (job: Job) => Promise<void>): Promise<void> {
  const taskKey = context.taskKey(task)
  const name = nameOf(taskKey, kind, round)
  if (jobs[name]?.state === 'running' || Date.now() - (endedAt.get(name) ?? 0) < REST) return
  jobs[name] = { task: taskKey, kind, round, state: 'running', stage: null, error: jobs[name]?.error ?? null }
  const job = jobs[name]!
  // Two tabs of one person must not do the same thing at the same time.
  await navigator.locks.request(`lanista:${name}`, { ifAvailable: true }, async (lock) => {
    if (!lock) {
      jobs[name] = undefined
      return
    }
    try {
      await action(job)
      job.state = 'done'
      job.error = null
    } catch (error) {
      job.state = 'failed'
      job.error = error
    }
    endedAt.set(name, Date.now())
  })
}

async function perform(context: AutopilotContext, task: TaskState, duty: Duty, job: Job): Promise<void> {
  const { writer, node } = context
  const place = { task: context.taskKey(task), taskId: task.taskId, round: duty.round }
  switch (duty.kind) {
    case 'open':
      return openAdapter({ ...place, writer, node })
    case 'score':
      return scoreAndSeal(context, task, duty, job)
    case 'reveal': {
      const validator = senderOf(writer)
      const kept = await database.validations.get(validationKey({ ...place, batch: duty.batch, validator }))
      if (!kept) throw new ScoresLostError()
      return revealTogether(writer, channelOf(node, task), { ...duty, taskId: task.taskId, scores: kept.scores, salt: kept.salt }, gatheringOf(job))
    }
    default:
      duty satisfies never
  }
}

async function scoreAndSeal(context: AutopilotContext, task: TaskState, duty: Extract<Duty, { kind: 'score' }>, job: Job): Promise<void> {
  const { writer, node } = context
  const { from, to } = batchesIn(task, task.rounds[duty.round]!)[duty.batch]!
  const channel = channelOf(node, task)
  const finish = sayScoring(channel, { round: duty.round, validator: senderOf(writer) })
  const { scores, salt } = await scorePart(context, task, duty, { from, to }, job).finally(finish)
  await sealTogether(writer, channel, { ...duty, taskId: task.taskId, scores, salt }, gatheringOf(job))
}

/** Where the validators of a task give each other what one of them sends for all. */
const channelOf = (node: ArenaNode, { taskId }: TaskState): ScoreChannel => ({
  tell: message => tellScores(node, String(taskId), message),
  hear: callback => hearScores(node, String(taskId), callback),
})

const gatheringOf = (job: Job) => ({ onProgress: (ready: number, missing: number) => { job.stage = { stage: 'gathering', ready, missing } } })

/** A juror's part: scores the disputed item, seals the verdict, and reveals it when all have sealed. */
async function serve(context: AutopilotContext, task: TaskState, duty: JuryDuty, job: Job): Promise<void> {
  const { round, batch, item } = duty
  const juror = senderOf(context.writer)
  const verdict = (record: ValidationRecord): JuryVerdict => ({ task, round, batch, item, score: record.scores[item === 0 ? 0 : 1]!, salt: record.salt })
  if (duty.kind === 'jurySeal') {
    const { from } = batchesIn(task, task.rounds[round]!)[batch]!
    const part = item === 0 ? { from, to: from } : { from: from + item - 1, to: from + item }
    await sealJury(context.writer, verdict(await scorePart(context, task, duty, part, job)))
  } else {
    const kept = await database.validations.get(validationKey({ task: context.taskKey(task), round, batch, item, validator: juror }))
    if (!kept) throw new ScoresLostError()
    await revealJury(context.writer, verdict(kept))
  }
}

/** Scores the base and some submissions of a round before a deadline. */
async function scorePart(
  context: AutopilotContext, task: TaskState, duty: { round: number; batch: number; item?: number; deadline: number }, part: { from: number; to: number }, job: Job,
): Promise<ValidationRecord> {
  const { writer, node } = context
  const { taskId } = task
  const state = task.rounds[duty.round]!
  const spec = await context.specOf(task)
  const { timestamp } = await writer.rpc.getBlock()
  const millisecondsLeft = (duty.deadline - Number(timestamp)) * 1000
  const signal = AbortSignal.timeout(Math.max(1, millisecondsLeft))
  const model = await modelSource(node, spec.models[0]!, String(taskId), {
    signal, onProgress: (what, progress) => { job.stage = { stage: 'loading', what, progress } },
  })
  return scoreBatch(
    node,
    {
      task: context.taskKey(task), taskId, round: duty.round, batch: duty.batch, ...(duty.item !== undefined && { item: duty.item }), validator: senderOf(writer),
      submissions: state.submissions.slice(part.from, part.to), plaintextDigest: task.shards[duty.round]!.plaintextDigest, key: state.key as Hex, spec, model, deadline: Date.now() + millisecondsLeft,
    },
    ['webgpu', 'wasm', 'cpu'],
    (stage) => (job.stage = stage),
    signal,
  )
}
