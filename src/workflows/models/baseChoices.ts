import type { TaskSpec } from '../../arena/taskSpec.ts'
import type { ArenaNode } from '../../network/index.ts'
import type { ModelRecord } from '../../store/database.ts'
import type { ModelSource } from '../../../workers/protocol.ts'
import { modelHeaders, modelSource, type SourceOptions } from '../modelSource.ts'
import { librarySource } from './library.svelte.ts'

/** A base model to train on or talk to. */
export interface BaseChoice {
  /** Names it in records and addresses: `task:ID` or `model:ID`. */
  key: string
  name: string
  /** Whether adapters on it can be submitted to the task. */
  allowed: boolean
  /** All of it; what only peers have is fetched. */
  source(options?: SourceOptions): Promise<ModelSource>
  /** Enough for a memory plan; null while it needs peers. */
  headers(): Promise<ModelSource | null>
}

/** The task's allowed bases, then what this browser keeps. */
export function baseChoices(node: ArenaNode, taskId: string, spec: TaskSpec, kept: readonly ModelRecord[]): BaseChoice[] {
  return [
    ...spec.models.map((model): BaseChoice => ({
      key: taskBaseKey(model.id), name: model.id, allowed: true,
      source: (options) => modelSource(node, model, taskId, options), headers: () => modelHeaders(model),
    })),
    ...kept.map(keptChoice),
  ]
}

export function keptChoice(model: ModelRecord): BaseChoice {
  const source = async () => librarySource(model)
  return { key: `model:${model.id}`, name: model.name, allowed: false, source, headers: source }
}

export const taskBaseKey = (id: string) => `task:${id}`
