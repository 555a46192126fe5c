/** Scores the base and adapters, one command after the other; see `ScoreCommand` and `ScoreEvent`. */
import { score } from './engine/commands/score.ts'
import { Session } from './engine/commands/session.ts'
import { serve } from './serve.ts'
import { tuningStore } from './tuningStore.ts'
import type { ScoreCommand, ScoreEvent } from './protocol.ts'

const session = new Session({ tuning: tuningStore })

serve<ScoreCommand, ScoreEvent>((command, service) => score(command, { session, ...service }))
