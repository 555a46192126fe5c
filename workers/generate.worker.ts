/** Answers in the name of the base or an adapter, one command after the other; see `GenerateCommand` and `GenerateEvent`. */
import { generate } from './engine/commands/generate.ts'
import { serve } from './serve.ts'
import type { GenerateCommand, GenerateEvent } from './protocol.ts'
import { workerSession } from './workerSession.ts'

const sessionFor = workerSession()

serve<GenerateCommand, GenerateEvent>((command, service) => generate(command, { session: sessionFor(command.runId), ...service }))
