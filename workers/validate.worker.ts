/** Scores the base and adapters, one command after the other; see `ScoreCommand` and `ScoreEvent`. */
import { score } from './engine/commands/score.ts'
import { serve } from './serve.ts'
import type { ScoreCommand, ScoreEvent } from './protocol.ts'
import { workerSession } from './workerSession.ts'

const sessionFor = workerSession()

serve<ScoreCommand, ScoreEvent>((command, service) => score(command, { session: sessionFor(command.runId), ...service }))
