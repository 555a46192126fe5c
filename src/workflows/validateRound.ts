/**
 * A validator's work in one round: fetch the hidden shard and the adapters,
 * score them, and keep vector and salt before anything is sealed.
 */
import { digestToCid } from '../arena/cid.ts'
import { newSalt } from '../arena/commitments.ts'
import { ABSTAIN, INVALID, MAX_SCORE } from '../arena/scoreVector.ts'
import { openShard } from '../arena/sealedShard.ts'
import type { TaskSpec } from '../arena/taskSpec.ts'
import { parseRows } from '../data/parseRows.ts'
import { announce, contentBytes, fetchDirectory, fetchFile, pin, type ArenaNode } from '../network/index.ts'
import { database, type ValidationRecord } from '../store/database.ts'
import type { Backend, ItemVerdict, ModelSource, Progress, ScoreItem } from '../../workers/protocol.ts'
import { adapterFiles } from './adapterFiles.ts'
import { scoreItems } from './scoreItems.ts'
import { searching } from './searching.ts'
import type { Hex } from 'viem'

/** What a validator does at the moment, for the page. */
export type ValidationStage =
  | { stage: 'shard'; progress: Progress | null }
  | { stage: 'adapters'; item: number; items: number; progress: Progress | null }
  | { stage: 'loading'; what: string; progress: Progress }
  | { stage: 'scoring'; item: number; items: number; progress: Progress }

export interface RoundToValidate {
  task: string
  taskId: bigint
  round: number
  batch: number
  /** For a juror: the item of the batch that is disputed. */
  item?: number
  validator: Hex
  /** The batch's submissions in order; item i + 1 of the vector. */
  submissions: { trainer: Hex; adapterDigest: Hex }[]
  /** SHA-256 of the round's rows, as committed to on chain. */
  plaintextDigest: Hex
  /** The round's key, as revealed on chain. */
  key: Hex
  spec: TaskSpec
  model: ModelSource
  /** Unix milliseconds by which scores must be sealed. */
  deadline: number
}

/** Files of an adapter may take this many bytes beyond the parameters that the task allows. */
const ADAPTER_OVERHEAD = 2 ** 20
/** Kept free at the end of the phase for scoring what is there and sealing it. */
const RESERVE = 0.4
/** Milliseconds for each adapter at first asking. */
const FIRST_WAIT = 12_000

/** An item to score, or why it cannot be; `absent` when asking again may help. */
type FetchedItem = ScoreItem & { reason?: string; absent?: boolean }

export const validationKey = ({ task, round, batch, item, validator }: Pick<RoundToValidate, 'task' | 'round' | 'batch' | 'item' | 'validator'>) =>
  `${task}:${round}:${batch}${item === undefined ? '' : `.${item}`}:${validator.toLowerCase()}`

/**
 * Scores a batch and stores the outcome; a batch that was scored before is returned as it was.
 * @throws WrongShardKeyError, the errors of `fetchFile` for the shard, EngineError; the signal's reason.
 */
export async function scoreBatch(
  node: ArenaNode, round: RoundToValidate, backends: Backend[], onStage: (stage: ValidationStage) => void, signal: AbortSignal,
): Promise<ValidationRecord> {
  const kept = await database.validations.get(validationKey(round))
  if (kept) return kept
  const started = Date.now()
  const rows = await fetchShard(node, round, onStage, signal)
  const items = rows ? await fetchItems(node, round, started, onStage, signal) : []
  const unavailable = new Map(items.filter((item) => 'reason' in item).map((item) => [item.id, item.reason!]))
  const verdicts = rows
    ? await scoreItems(
        {
          model: round.model,
          text: { chatTemplate: round.spec.chatTemplate, contextLength: round.spec.contextLength },
          rows,
          items: items.filter((item) => !('reason' in item)) as ScoreItem[],
          parameterLimit: round.spec.parameterLimit,
          backends,
        },
        (event) => {
          if (event.type === 'loading') onStage({ stage: 'loading', what: `Loading ${event.file}`, progress: event.progress })
          if (event.type === 'tuning') onStage({ stage: 'loading', what: searching(event), progress: event.progress })
          if (event.type === 'scoring') onStage({ stage: 'scoring', item: event.item + 1, items: event.items, progress: event.progress })
        },
        signal,
      )
    : []
  const byId = new Map(verdicts.map(({ id, verdict }) => [id, verdict]))
  const all = ['base', ...round.submissions.map(({ trainer }) => trainer)].map((id): { id: string; verdict: ItemVerdict } => ({
    id,
    verdict: byId.get(id) ?? { kind: 'invalid', reason: unavailable.get(id) ?? 'The shard is not the one that was committed to.' },
  }))
  const record: ValidationRecord = {
    key: validationKey(round), task: round.task, round: round.round, batch: round.batch, validator: round.validator,
    verdicts: all, scores: all.map(({ verdict }, item) => toScore(verdict, rows === null && item > 0)), salt: newSalt(),
  }
  await database.validations.put(record)
  return record
}

/** A verdict as one word of the score vector. */
function toScore(verdict: ItemVerdict, abstain: boolean): number {
  if (abstain) return ABSTAIN
  return verdict.kind === 'score' ? Math.min(MAX_SCORE, verdict.microBitsPerByte) : INVALID
}

/** The round's rows; null when the creator published other rows than committed to, which is a verdict on the base. */
async function fetchShard(node: ArenaNode, round: RoundToValidate, onStage: (stage: ValidationStage) => void, signal: AbortSignal) {
  const shard = round.spec.shards[round.round]!
  onStage({ stage: 'shard', progress: null })
  const file = await fetchFile(node, shard.cid, {
    maxBytes: shard.bytes ?? 64 * 2 ** 20, taskId: String(round.taskId), signal, onProgress: (progress) => onStage({ stage: 'shard', progress }),
  })
  try {
    return parseRows(await openShard(round.key, file, round.plaintextDigest)).rows
  } catch (error) {
    if ((error as Error).name === 'WrongShardError') return null
    throw error
  }
}

/**
 * The base and every adapter; one that nobody sends, or that is none, comes back with the reason.
 * Whoever cannot be found at once is asked for again when all others are here, while there is time.
 */
async function fetchItems(
  node: ArenaNode, round: RoundToValidate, started: number, onStage: (stage: ValidationStage) => void, signal: AbortSignal,
): Promise<FetchedItem[]> {
  const patience = started + (round.deadline - started) * (1 - RESERVE)
  const found = new Map<string, FetchedItem>()
  let missing = round.submissions
  for (let pass = 0; missing.length > 0 && (pass === 0 || Date.now() < patience); pass++) {
    for (const [index, { trainer, adapterDigest }] of missing.entries()) {
      const left = Math.max(FIRST_WAIT, patience - Date.now())
      const timeout = pass === 0 ? Math.min(FIRST_WAIT, left) : left / missing.length
      const report = (progress: Progress | null) => onStage({ stage: 'adapters', item: index + 1, items: missing.length, progress })
      found.set(trainer, await fetchAdapter(node, round, { trainer, adapterDigest }, { timeout, report, signal }))
    }
    missing = missing.filter(({ trainer }) => found.get(trainer)!.absent)
  }
  return [{ id: 'base', adapter: null }, ...round.submissions.map(({ trainer }) => found.get(trainer)!)]
}

async function fetchAdapter(
  node: ArenaNode, { taskId, spec, round }: RoundToValidate, { trainer, adapterDigest }: RoundToValidate['submissions'][number],
  { timeout, report, signal }: { timeout: number; report: (progress: Progress | null) => void; signal: AbortSignal },
): Promise<FetchedItem> {
  const cid = digestToCid(adapterDigest, 'dag-pb')
  report(null)
  try {
    const maxBytes = 4 * spec.parameterLimit + ADAPTER_OVERHEAD
    const files = await fetchDirectory(node, cid, { maxBytes, taskId: String(taskId), signal, timeout, onProgress: report })
    // Who has fetched an adapter holds it: its trainer may close the tab.
    await pin(node, cid, { label: `task ${taskId}, round ${round + 1}` })
    announce(node, String(taskId), cid, contentBytes(files))
    return { id: trainer, adapter: adapterFiles(files) }
  } catch (error) {
    signal.throwIfAborted()
    return { id: trainer, adapter: null, reason: (error as Error).message, absent: (error as Error).name === 'NotFoundAtAnyPeerError' }
  }
}
