import type { TaskSpec } from '../../src/arena/taskSpec.ts'
import type { ArenaWriter } from '../../src/chain/arena.ts'
import type { Duty } from '../../src/chain/state/duties.ts'
import type { TaskState } from '../../src/chain/state/taskState.ts'

/** Somebody scripted; both calls tell what was done, or null. */
export interface Participant {
  writer: ArenaWriter
  /** Called while a round takes submissions. */
  takePart(task: TaskState, round: number, spec: TaskSpec): Promise<string | null>
  /** Called for each duty that is due. */
  fulfil(task: TaskState, duty: Duty, spec: TaskSpec): Promise<string | null>
}
