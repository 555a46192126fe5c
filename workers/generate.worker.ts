/** Answers in the name of the base or an adapter, one command after the other; see `GenerateCommand` and `GenerateEvent`. */
import { generate } from './engine/commands/generate.ts'
import { Session } from './engine/commands/session.ts'
import { serve } from './serve.ts'
import { tuningStore } from './tuningStore.ts'
import type { GenerateCommand, GenerateEvent } from './protocol.ts'

/** The run that is being served: a search for the fastest kernels belongs to whoever waits for it. */
let running = ''
const session = new Session({
  tuning: tuningStore,
  onTuning: (progress, product) => postMessage({ type: 'tuning', runId: running, product, progress } satisfies GenerateEvent),
})

serve<GenerateCommand, GenerateEvent>((command, service) => {
  running = command.runId
  return generate(command, { session, ...service })
})
