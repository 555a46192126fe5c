/** The demo task: the bundled model, a public sample of rows and hidden shards. */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { bytesToHex, type Hex } from 'viem'
import { keyCommitment, newShardKey, sealShard } from '../../src/arena/sealedShard.ts'
import { encodeTaskSpec, type TaskSpec } from '../../src/arena/taskSpec.ts'
import { demoRows, demoTemplate } from './rows.ts'

/** Rounds, and so hidden shards, of the demo. */
export const DEMO_ROUNDS = 2
const TRAINING_ROWS = 240
const SHARD_ROWS = 24
const CONTEXT = 128

const modelFolder = join(import.meta.dirname, '../../public/models/stories260K')
const modelFiles = ['config.json', 'model.safetensors', 'tokenizer.json', 'tokenizer_config.json']

export interface DemoTask {
  /** The spec's bytes, as they are published. */
  file: Uint8Array
  spec: TaskSpec
  /** One AES key per round, kept by the creator until the round's submissions are closed. */
  keys: Hex[]
  keyHashes: Hex[]
  plaintextDigests: Hex[]
}

const jsonLines = (rows: object[]) => new TextEncoder().encode(rows.map((row) => JSON.stringify(row) + '\n').join(''))
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

/**
 * @param publish Adds a file to the network and returns its CID.
 * @param edition Number in the title; also the seed of the rows.
 */
export async function makeDemoTask(publish: (file: Uint8Array) => Promise<string>, edition: number): Promise<DemoTask> {
  const sample = jsonLines(demoRows(1000 * edition, TRAINING_ROWS))
  const trainingSet = { cid: await publish(sample), rows: TRAINING_ROWS, bytes: sample.byteLength, sha256: sha256(sample) }
  const keys = Array.from({ length: DEMO_ROUNDS }, () => bytesToHex(newShardKey()))
  const shards = await Promise.all(
    keys.map(async (key, round) => {
      const plaintext = jsonLines(demoRows(1000 * edition + round + 1, SHARD_ROWS))
      const file = await sealShard(key, plaintext)
      return { cid: await publish(file), plaintextSha256: sha256(plaintext), rows: SHARD_ROWS, bytes: file.byteLength }
    }),
  )
  const spec: TaskSpec = {
    version: 1,
    title: edition === 1 ? "The herald's voice" : `The herald's voice, part ${edition}`,
    description:
      'A herald calls the day’s fights between animals: who is there, what they carry, who wins. Teach the small story model to speak like the herald. ' +
      `You see ${TRAINING_ROWS} sample rows; validators score on ${SHARD_ROWS} rows a round that stay hidden until submissions are closed.`,
    models: [await bundledModel()],
    parameterLimit: 400_000,
    contextLength: CONTEXT,
    chatTemplate: demoTemplate,
    trainingSet,
    shards,
    metric: 'bits-per-byte/1',
    recommended: {
      rank: 8, alpha: 16, targetModules: 'all-linear', learningRate: 0.01, steps: 60, batchSize: 4, accumulate: 1,
      warmupSteps: 3, schedule: 'cosine', evaluateEvery: 10, patience: 3, minimumChange: 0.002,
    },
  }
  const plaintextDigests = shards.map((shard): Hex => `0x${shard.plaintextSha256}`)
  return { file: encodeTaskSpec(spec), spec, keys, keyHashes: keys.map(keyCommitment), plaintextDigests }
}
