/**
 * All tasks as the stored events tell them, folded once and then only further.
 * What was folded is kept in the store now and then, so that a reload begins there.
 */
import type { EventStore, StoredEvent } from '../store/chain.ts'
import { foldEvents } from './state/foldEvents.ts'
import { forkTask } from './state/forkTask.ts'
import type { TaskState } from './state/taskState.ts'

export interface TaskBook {
  /** Every task by its number in decimal, as of the events in the store. States handed out before are left as they are. */
  read(): Promise<ReadonlyMap<string, TaskState>>
}

/** Names in the store: how far was folded, and the states. The number goes up when a state is made of other things: older ones are not read. */
const FOLDED = 'folded.2'
const TASK = 'task.2:'
/** Events after which states are kept anew: so many are folded again after a reload, at most. */
const KEEP_EVERY = 256

/** What the book knows of one generation of events. */
interface Folded {
  generation: number
  tasks: Map<string, TaskState>
  /** Position of the newest folded event. */
  position: number
  /** Tasks that differ from what the store keeps, and how many events made them so. */
  changed: Set<string>
  unkept: number
}

/** A book over a store; calls at the same time wait for each other. */
export function createTaskBook(store: EventStore): TaskBook {
  let known: Folded | null = null
  let turn: Promise<unknown> = Promise.resolve()

  async function load(generation: number): Promise<Folded> {
    const [mark] = await store.derived<number>(FOLDED)
    const kept = mark ? await store.derived<TaskState>(TASK) : []
    return {
      generation, tasks: new Map(kept.map(({ name, value }) => [name.slice(TASK.length), value])),
      position: mark?.value ?? -1, changed: new Set(), unkept: 0,
    }
  }

  async function update(): Promise<ReadonlyMap<string, TaskState>> {
    for (;;) {
      const generation = await store.generation()
      if (known?.generation !== generation) known = await load(generation)
      const events = await store.events(known.position + 1)
      // Another tab may have found a reorganisation in between.
      if (await store.generation() !== generation) continue
      if (events.length > 0) {
        fold(known, events)
        if (known.unkept >= KEEP_EVERY) await keep(known, events.at(-1)!)
      }
      return new Map(known.tasks)
    }
  }

  async function keep(folded: Folded, { block }: StoredEvent): Promise<void> {
    const states = [...folded.changed].map(task => ({ name: TASK + task, block, value: folded.tasks.get(task) }))
    folded.changed = new Set()
    folded.unkept = 0
    // A mark above a block that is forgotten goes, and without it older states are not read.
    await store.keep([...states, { name: FOLDED, block, value: folded.position }], folded.generation)
  }

  return {
    read() {
      const next = turn.then(update)
      turn = next.catch(() => undefined)
      return next
    },
  }
}

function fold(folded: Folded, events: StoredEvent[]): void {
  for (const [task, added] of Map.groupBy(events, event => event.task)) {
    const before = folded.tasks.get(task)
    const after = foldEvents(before ? forkTask(before, added) : null, added)
    if (!after) continue
    folded.tasks.set(task, after)
    folded.changed.add(task)
  }
  folded.position = events.at(-1)!.position
  folded.unkept += events.length
}
