/** Answers in the name of the base or an adapter, one command after the other; see `GenerateCommand` and `GenerateEvent`. */
import { generate } from './engine/commands/generate.ts'
import { Session } from './engine/commands/session.ts'
import { serve } from './serve.ts'
import { tuningStore } from './tuningStore.ts'
import type { GenerateCommand, GenerateEvent } from './protocol.ts'

const session = new Session({ tuning: tuningStore })

serve<GenerateCommand, GenerateEvent>((command, service) => generate(command, { session, ...service }))
