/** The demo task: the bundled model, a public sample of rows and hidden shards. */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { TaskSpec } from '../../src/arena/taskSpec.ts'
import type { TaskDraft } from '../../src/workflows/createTask.ts'
import { demoRows, demoTemplate } from './rows.ts'

/** Rounds, and so hidden shards, of the demo. */
export const DEMO_ROUNDS = 2
const TRAINING_ROWS = 240
const SHARD_ROWS = 24
const CONTEXT = 128

const modelFolder = join(import.meta.dirname, '../../public/models/stories260K')
const modelFiles = ['config.json', 'model.safetensors', 'tokenizer.json', 'tokenizer_config.json']

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

async function bundledModel(): Promise<TaskSpec['models'][number]> {
  const files = await Promise.all(
    modelFiles.map(async (name) => {
      const bytes = await readFile(join(modelFolder, name))
      return { name, sha256: sha256(bytes), bytes: bytes.byteLength, url: `models/stories260K/${name}` }
    }),
  )
  return { id: 'stories260K', revision: 'karpathy/tinyllamas', parameters: 260_032, files }
}

/** @param edition Number in the title; also the seed of the rows. */
export async function demoDraft(edition: number): Promise<TaskDraft> {
  return {
    title: edition === 1 ? "The herald's voice" : `The herald's voice, part ${edition}`,
    description:
      'A herald calls the day’s fights between animals: who is there, what they carry, who wins. Teach the small story model to speak like the herald. ' +
      `You see ${TRAINING_ROWS} sample rows; validators score on ${SHARD_ROWS} rows a round that stay hidden until submissions are closed.`,
    models: [await bundledModel()],
    parameterLimit: 400_000,
    contextLength: CONTEXT,
    chatTemplate: demoTemplate,
    recommended: {
      rank: 8, alpha: 16, targetModules: 'all-linear', learningRate: 0.01, steps: 60, batchSize: 4, accumulate: 1,
      warmupSteps: 3, schedule: 'cosine', evaluateEvery: 10, patience: 3, minimumChange: 0.002,
    },
    trainingRows: demoRows(1000 * edition, TRAINING_ROWS),
    shards: Array.from({ length: DEMO_ROUNDS }, (_, round) => demoRows(1000 * edition + round + 1, SHARD_ROWS)),
  }
}
