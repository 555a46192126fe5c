/**
 * The task spec: what is to be learned, as one JSON file on IPFS.
 *
 * It comes from a stranger. Every field is bounded, and nothing in it is used
 * before {@link parseTaskSpec} has passed it. What concerns money and time is on
 * chain instead (see `TaskParameters` in `parameters.ts`).
 */
import { z } from 'zod'
import { isCid } from './cid.ts'
import { ArenaError } from './errors.ts'

/** Largest spec in bytes of UTF-8. */
export const MAX_SPEC_BYTES = 512 * 1024
/** Shards at most: one per round and the private final one. */
export const MAX_SHARDS = 257

const cid = z.string().max(120).refine(isCid, 'must be a CID of version 1 with SHA-256')
const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 lower-case hex digits')
/** `https://…`, or a path relative to the page; no other scheme, and no way up. */
const url = z.string().min(1).max(2048).refine(
  text => /^https?:\/\/[^\s]+$/.test(text) || /^(?!.*(^|\/)\.\.(\/|$))[\w.@-][\w./@-]*$/.test(text),
  'must be an http(s) URL or a path relative to the page',
)
const fileName = z.string().min(1).max(200).regex(/^(?!.*\.\.)[\w.-]+$/, 'must be a plain file name')

/** One file of a base model; at least one of `cid` and `url` says where it is. */
export const modelFileSchema = z.strictObject({
  name: fileName,
  sha256,
  bytes: z.int().min(1).max(2 ** 40),
  cid: cid.optional(),
  url: url.optional(),
}).refine(file => file.cid !== undefined || file.url !== undefined, 'needs a cid or a url')

/** A base model that adapters of this task may build on. */
export const baseModelSchema = z.strictObject({
  /** The id that adapters name as their base, e.g. `stories260K`. */
  id: z.string().min(1).max(200),
  /** Revision (a commit or a version), so that two people speak of the same weights. */
  revision: z.string().min(1).max(100),
  /** Parameters of the base, counted. */
  parameters: z.int().min(1).max(2 ** 44),
  files: z.array(modelFileSchema).min(1).max(200),
})

/** A public file of rows. */
export const dataFileSchema = z.strictObject({
  cid,
  rows: z.int().min(0).max(1e9),
  bytes: z.int().min(0).max(2 ** 40).optional(),
  sha256: sha256.optional(),
})

/** A hidden shard: AES-256-GCM ciphertext on IPFS; its key comes on chain when its round's submissions are closed. */
export const shardSchema = z.strictObject({
  /** CID of the encrypted file. */
  cid,
  /** SHA-256 of the decrypted bytes; also committed to on chain. */
  plaintextSha256: sha256,
  rows: z.int().min(1).max(1e7),
  /** Bytes of the encrypted file. */
  bytes: z.int().min(1).max(2 ** 32).optional(),
})

/** Settings the creator found to work; a starting point, nothing that binds. */
export const adviceSchema = z.strictObject({
  rank: z.int().min(1).max(512),
  alpha: z.number().positive().max(4096),
  learningRate: z.number().positive().max(10),
  steps: z.int().min(1).max(1e7),
  batchSize: z.int().min(1).max(4096),
  accumulate: z.int().min(1).max(4096),
  warmupSteps: z.int().min(0).max(1e6),
  schedule: z.enum(['constant', 'linear', 'cosine']),
  evaluateEvery: z.int().min(1).max(1e6),
  patience: z.int().min(0).max(1e4),
  minimumChange: z.number().min(0).max(10),
  targetModules: z.union([z.literal('all-linear'), z.array(z.string().min(1).max(100)).min(1).max(64)]),
}).partial()

export const taskSpecSchema = z.strictObject({
  /** Version of this format. */
  version: z.literal(1),
  title: z.string().trim().min(1).max(120),
  description: z.string().max(20_000),
  models: z.array(baseModelSchema).min(1).max(16),
  /** Parameters of base and adapter together; above it an adapter is INVALID. */
  parameterLimit: z.int().min(1).max(2 ** 44),
  /** Tokens of the longest sequence, when training and when scoring. */
  contextLength: z.int().min(8).max(1 << 20),
  /** Jinja chat template; the model's own when absent. */
  chatTemplate: z.string().min(1).max(128 * 1024).optional(),
  /** Public training rows; absent in a data-generation task. */
  trainingSet: dataFileSchema.optional(),
  /** Reference documents to write rows from. */
  documents: z.strictObject({ cid, bytes: z.int().min(0).max(2 ** 40) }).optional(),
  /** Hidden shards: shard r is round r's (from 0), a last one beyond the rounds stays private. */
  shards: z.array(shardSchema).min(1).max(MAX_SHARDS),
  /** `bits-per-byte/1`: micro-bits per byte over assistant turns and function calls (docs/protocol.md). */
  metric: z.literal('bits-per-byte/1'),
  recommended: adviceSchema.optional(),
}).superRefine((spec, context) => {
  const ids = new Set(spec.models.map(model => model.id))
  if (ids.size !== spec.models.length) context.addIssue({ code: 'custom', path: ['models'], message: 'ids must differ' })
  for (const [index, model] of spec.models.entries()) {
    if (model.parameters >= spec.parameterLimit) {
      context.addIssue({
        code: 'custom', path: ['models', index, 'parameters'], message: 'leaves no room for an adapter under parameterLimit',
      })
    }
    if (new Set(model.files.map(file => file.name)).size !== model.files.length) {
      context.addIssue({ code: 'custom', path: ['models', index, 'files'], message: 'file names must differ' })
    }
  }
})

export type ModelFileSpec = z.infer<typeof modelFileSchema>
export type BaseModelSpec = z.infer<typeof baseModelSchema>
export type ShardSpec = z.infer<typeof shardSchema>
export type TrainingAdvice = z.infer<typeof adviceSchema>
export type TaskSpec = z.infer<typeof taskSpecSchema>

export class InvalidTaskSpecError extends ArenaError {
  override name = 'InvalidTaskSpecError'
  constructor(problems: string, options?: ErrorOptions) {
    super(`The task's description cannot be used: ${problems}.`,
      'The creator has to publish a corrected task; this one should be left alone.', options)
  }
}

/**
 * A task spec from the bytes of its file.
 * @throws InvalidTaskSpecError naming each field that is wrong.
 */
export function parseTaskSpec(file: Uint8Array): TaskSpec {
  if (file.byteLength > MAX_SPEC_BYTES) {
    throw new InvalidTaskSpecError(`it is ${file.byteLength} bytes long, ${MAX_SPEC_BYTES} are allowed`)
  }
  let json: unknown
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(file))
  } catch (cause) {
    throw new InvalidTaskSpecError('it is not JSON in UTF-8', { cause })
  }
  const result = taskSpecSchema.safeParse(json)
  if (!result.success) {
    const problems = result.error.issues.slice(0, 5).map(issue => `${issue.path.join('.') || 'spec'}: ${issue.message}`)
    throw new InvalidTaskSpecError(problems.join('; '))
  }
  return result.data
}

/**
 * The bytes to publish for a spec; the same spec gives the same bytes, and so the same CID.
 * @throws InvalidTaskSpecError when the spec would not pass {@link parseTaskSpec}.
 */
export function encodeTaskSpec(spec: TaskSpec): Uint8Array {
  const bytes = new TextEncoder().encode(`${JSON.stringify(sortKeys(spec), null, 1)}\n`)
  parseTaskSpec(bytes)
  return bytes
}

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(
    Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, entry]) => [key, sortKeys(entry)]),
  )
}
