/** Trains adapters, one run after the other; see `TrainCommand` and `TrainEvent`. */
import { checkpointStore } from './checkpointStore.ts'
import { train } from './engine/commands/train.ts'
import { toWorkerError } from './engine/errors.ts'
import { TrainingControl } from './engine/training/control.ts'
import type { TrainCommand, TrainEvent } from './protocol.ts'
import { workerSession } from './workerSession.ts'

// Training may round where scores must not.
const sessionFor = workerSession({ half: true })
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
    .then(async () => train(command, { session: sessionFor(runId), control, emit, checkpoints: await checkpointStore() }))
    .catch((error: unknown) => emit({ type: 'failed', runId, error: toWorkerError(error) }))
    .finally(() => controls.delete(runId))
})
