/** Scores the base and adapters, one command after the other; see `ScoreCommand` and `ScoreEvent`. */
import { score } from './engine/commands/score.ts'
import { Session } from './engine/commands/session.ts'
import { serve } from './serve.ts'
import { tuningStore } from './tuningStore.ts'
import type { ScoreCommand, ScoreEvent } from './protocol.ts'

/** The run that is being served: a search for the fastest kernels belongs to whoever waits for it. */
let running = ''
const session = new Session({
  tuning: tuningStore,
  onTuning: (progress, product) => postMessage({ type: 'tuning', runId: running, product, progress } satisfies ScoreEvent),
})

serve<ScoreCommand, ScoreEvent>((command, service) => {
  running = command.runId
  return score(command, { session, ...service })
})
