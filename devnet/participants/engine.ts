/** The tabs' engine in this process: WebAssembly, one run after the other. */
import { join } from 'node:path'
import { INVALID } from '../../src/arena/scoreVector.ts'
import type { TaskSpec } from '../../src/arena/taskSpec.ts'
import type { ChatRow } from '../../src/data/row.ts'
import { score } from '../../workers/engine/commands/score.ts'
import { Session } from '../../workers/engine/commands/session.ts'
import { train } from '../../workers/engine/commands/train.ts'
import { modelFolder } from '../../workers/engine/node/modelFolder.ts'
import { TrainingControl } from '../../workers/engine/training/control.ts'
import {
  loraSettingsSchema, trainingSettingsSchema, type AdapterFiles, type Backend, type ItemVerdict, type ScoreItem, type TrainingSettings,
} from '../../workers/protocol.ts'

const session = new Session()
const backends: Backend[] = ['wasm', 'cpu']
const model = modelFolder(join(import.meta.dirname, '../../public/models/stories260K'))
const textOf = ({ chatTemplate, contextLength }: TaskSpec) => ({ chatTemplate, contextLength })

/** Fine-tunes the task's model with its recommended settings and the given changes. */
export async function trainAdapter(spec: TaskSpec, rows: ChatRow[], changes: Partial<TrainingSettings>): Promise<AdapterFiles> {
  const { rank = 8, alpha = 16, targetModules = 'all-linear', ...advice } = spec.recommended ?? {}
  let adapter: AdapterFiles | undefined
  await train(
    {
      type: 'train', runId: 'scripted', model: await model, text: textOf(spec), rows, backends, resume: false,
      lora: loraSettingsSchema.parse({ rank, alpha, targetModules }),
      training: trainingSettingsSchema.parse({ steps: 40, batchSize: 4, learningRate: 0.01, ...advice, ...changes }),
    },
    { session, control: new TrainingControl(), emit: (event) => { if (event.type === 'finished') adapter = event.adapter } },
  )
  return adapter!
}

/** The score vector's numbers for items, in order. */
export async function scoreItems(spec: TaskSpec, rows: ChatRow[], items: ScoreItem[]): Promise<number[]> {
  let verdicts: { id: string; verdict: ItemVerdict }[] = []
  await score(
    { type: 'score', runId: 'scripted', model: await model, text: textOf(spec), rows, items, parameterLimit: spec.parameterLimit, backends },
    { session, signal: new AbortController().signal, emit: (event) => { if (event.type === 'finished') verdicts = event.verdicts } },
  )
  return verdicts.map(({ verdict }) => (verdict.kind === 'score' ? verdict.microBitsPerByte : INVALID))
}
