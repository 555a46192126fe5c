/**
 * Does what an account owes while a tab is open: opens adapters, scores,
 * reveals, and settles rounds for everybody. Each job is idempotent and starts
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
import { revealScores } from '../chain/writes/revealScores.ts'
import { sealScores } from '../chain/writes/sealScores.ts'
import { tick } from '../chain/writes/tick.ts'
import type { ArenaNode } from '../network/index.ts'
import { database } from '../store/database.ts'
import { modelSource } from './modelSource.ts'
import { openAdapter } from './submit.ts'
import { scoreBatch, validationKey, type ValidationStage } from './validateRound.ts'

export interface Job {
  task: string
  kind: Duty['kind'] | 'settle'
  round: number
  state: 'running' | 'done' | 'failed'
  stage: ValidationStage | null
  error: unknown
}

/** Jobs of this tab by `task:kind:round`. */
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
    // Who has a part in a task settles it; a stranger's tab may, with the button on the league page.
    const [step] = dueSteps(task, now)
    if (step && task.stakes.has(account)) void run(context, task, 'settle', step.round, () => settleTask(context, task))
  }
}

/** Settles, ranks and pays whatever is due in a task. */
export async function settleTask(context: Pick<AutopilotContext, 'writer'>, task: Pick<TaskState, 'taskId'>): Promise<void> {
  await tick(context.writer, task.taskId)
}

async function run(context: AutopilotContext, task: TaskState, kind: Job['kind'], round: number, action: (job: Job) => Promise<void>): Promise<void> {
  const taskKey = context.taskKey(task)
  const name = `${taskKey}:${kind}:${round}`
  if (jobs[name]?.state === 'running' || Date.now() - (endedAt.get(name) ?? 0) < REST) return
  jobs[name] = { task: taskKey, kind, round, state: 'running', stage: null, error: null }
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
      await revealScores(writer, { taskId: task.taskId, round: duty.round, batch: duty.batch, reveals: [{ validator, scores: kept.scores, salt: kept.salt }] })
      return
    }
    default:
      duty satisfies never
  }
}

async function scoreAndSeal(context: AutopilotContext, task: TaskState, duty: Extract<Duty, { kind: 'score' }>, job: Job): Promise<void> {
  const { writer, node } = context
  const { taskId } = task
  const state = task.rounds[duty.round]!
  const spec = await context.specOf(task)
  const { from, to } = batchesIn(task, state)[duty.batch]!
  const model = await modelSource(node, spec.models[0]!, String(taskId))
  const { timestamp } = await writer.rpc.getBlock()
  const millisecondsLeft = (duty.deadline - Number(timestamp)) * 1000
  const record = await scoreBatch(
    node,
    {
      task: context.taskKey(task), taskId, round: duty.round, batch: duty.batch, validator: senderOf(writer),
      submissions: state.submissions.slice(from, to), plaintextDigest: task.shards[duty.round]!.plaintextDigest, key: state.key as Hex, spec, model, deadline: Date.now() + millisecondsLeft,
    },
    ['webgpu', 'wasm', 'cpu'],
    (stage) => (job.stage = stage),
    AbortSignal.timeout(Math.max(1, millisecondsLeft)),
  )
  await sealScores(writer, { taskId, round: duty.round, batch: duty.batch, scores: record.scores, salt: record.salt })
}
