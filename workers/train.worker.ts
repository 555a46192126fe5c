/** Trains adapters, one run after the other; see `TrainCommand` and `TrainEvent`. */
import { Session } from './engine/commands/session.ts'
import { train } from './engine/commands/train.ts'
import { toWorkerError } from './engine/errors.ts'
import { TrainingControl } from './engine/training/control.ts'
import { opfsCheckpoints } from './engine/training/opfsCheckpoints.ts'
import { tuningStore } from './tuningStore.ts'
import type { TrainCommand, TrainEvent } from './protocol.ts'

/** The run that is being served: a search for tiles belongs to whoever waits for it. */
let running = ''
const session = new Session({
  tuning: tuningStore, half: true,
  onTuning: (progress, product) => postMessage({ type: 'tuning', runId: running, product, progress } satisfies TrainEvent),
})
const controls = new Map<string, TrainingControl>()
let last: Promise<void> = Promise.resolve()

addEventListener('message', ({ data: command }: MessageEvent<TrainCommand>) => {
  const { runId } = command
  if (command.type !== 'train') {
    controls.get(runId)?.[command.type]()
    return
  }
  const control = new TrainingControl()
  const emit = (event: TrainEvent): void => postMessage(event)
  controls.set(runId, control)
  last = last
    .then(() => (running = runId))
    .then(() => train(command, { session, control, emit, checkpoints: opfsCheckpoints }))
    .catch((error: unknown) => emit({ type: 'failed', runId, error: toWorkerError(error) }))
    .finally(() => controls.delete(runId))
})
