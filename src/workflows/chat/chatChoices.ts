/** What one can talk to: tasks' bases and kept models, with adapters of one's own, of a league, or from files. */
import type { TaskSpec } from '../../arena/taskSpec.ts'
import { leagueOf } from '../../chain/state/league.ts'
import type { TaskState } from '../../chain/state/taskState.ts'
import { fetchDirectory, type ArenaNode } from '../../network/index.ts'
import { database, type ModelRecord } from '../../store/database.ts'
import type { AdapterFiles, TextSettings } from '../../../workers/protocol.ts'
import { adapterFiles } from '../adapterFiles.ts'
import { keptChoice, taskBaseKey, type BaseChoice } from '../models/baseChoices.ts'
import { modelHeaders, modelSource } from '../modelSource.ts'

export interface ChatBase extends BaseChoice {
  text: TextSettings
  /** The task that it is a base of. */
  task?: TaskState
}

export interface ChatAdapter {
  /** `run:ID`, `cid:CID` or `file:NAME`. */
  key: string
  name: string
  /** Why it cannot answer; absent when it can. */
  unusable?: string
  /** Brings it from this browser or from peers. */
  load(signal: AbortSignal): Promise<AdapterFiles>
}

/** Tokens that a conversation may have where no task says it; the model's own limit holds too. */
const CONTEXT = 4096
/** The largest adapter taken from peers, bytes. */
const MOST_BYTES = 512 * 2 ** 20

/** Names a task's base in an address. */
export const chatBaseKey = (taskId: bigint, modelId: string) => `${taskId}:${taskBaseKey(modelId)}`

/** Newest tasks first, then what this browser keeps. */
export function chatBases(node: ArenaNode, tasks: readonly { task: TaskState; spec: TaskSpec }[], kept: readonly ModelRecord[]): ChatBase[] {
  return [
    ...tasks.flatMap(({ task, spec }) => spec.models.map((model): ChatBase => ({
      key: chatBaseKey(task.taskId, model.id), name: `${model.id}: ${spec.title}`, allowed: true, task,
      text: { chatTemplate: spec.chatTemplate, contextLength: spec.contextLength },
      source: (options) => modelSource(node, model, String(task.taskId), options), headers: () => modelHeaders(model),
    }))),
    ...kept.map((model): ChatBase => ({ ...keptChoice(model), text: { contextLength: CONTEXT } })),
  ]
}

/** Adapters of a base: finished runs of this browser, and what was opened in the task's rounds. */
export async function chatAdapters(node: ArenaNode, base: ChatBase, taskKey: string | null, weightUnit: bigint): Promise<ChatAdapter[]> {
  const runKey = base.task ? base.key.slice(base.key.indexOf(':') + 1) : base.key
  const runs = await database.runs.filter((run) => run.state === 'finished' && !!run.adapter && (run.base ?? runKey) === runKey && (taskKey === null || run.task === taskKey)).toArray()
  const own = runs.sort((a, b) => b.createdAt - a.createdAt).map((run): ChatAdapter => ({
    key: `run:${run.id}`, name: `yours of ${new Date(run.createdAt).toLocaleTimeString()}, ${run.step} steps`, load: async () => run.adapter!,
  }))
  return [...own, ...(base.task ? openedAdapters(node, base.task, weightUnit) : [])]
}

/** Everything that was opened in a task's rounds, each round's best first; what validators found invalid is marked. */
function openedAdapters(node: ArenaNode, task: TaskState, weightUnit: bigint): ChatAdapter[] {
  return task.rounds.flatMap((round) => leagueOf(task, round, weightUnit).map(({ trainer, adapterCid, verdict }) => ({
    ...publishedAdapter(node, adapterCid, `round ${round.round + 1}, ${trainer.slice(0, 6)}…${trainer.slice(-4)}`, String(task.taskId)),
    ...(verdict === 'invalid' && { unusable: 'found unusable' }),
  })))
}

export function publishedAdapter(node: ArenaNode, cid: string, name: string, taskId?: string): ChatAdapter {
  return {
    key: `cid:${cid}`, name,
    load: async (signal) => adapterFiles(await fetchDirectory(node, cid, { maxBytes: MOST_BYTES, signal, ...(taskId !== undefined && { taskId }) })),
  }
}

/** @throws NotAnAdapterError */
export async function adapterFromFiles(files: readonly { path: string; content: Blob }[]): Promise<ChatAdapter> {
  const entries = files.map(async ({ path, content }) => [path.split('/').at(-1)!, new Uint8Array(await content.arrayBuffer())] as const)
  const adapter = adapterFiles(Object.fromEntries(await Promise.all(entries)))
  const folder = files[0]!.path.split('/').at(-2) ?? 'adapter'
  return { key: `file:${folder}`, name: `your files: ${folder}`, load: async () => adapter }
}
