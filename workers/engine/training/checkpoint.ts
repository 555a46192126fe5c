import { z } from 'zod'
import { unpack } from '../weights/formats/index.ts'
import { writeSafetensors } from '../weights/safetensors.ts'
import { safetensorsModel } from '../weights/safetensorsModel.ts'
import { readSafetensorsHeader } from '../weights/safetensors.ts'
import { bytesSource } from '../weights/source.ts'
import type { StepperState } from './stepper.ts'
import type { StoppingState } from './earlyStopping.ts'

/** Where the checkpoints of runs are kept: OPFS in a browser, a folder in Node. */
export interface CheckpointStore {
  /** Null when the run has none. */
  read(runId: string): Promise<Uint8Array | null>
  /** Replaces the run's checkpoint; a crash in the middle leaves the old one. */
  write(runId: string, bytes: Uint8Array<ArrayBuffer>): Promise<void>
  remove(runId: string): Promise<void>
}

/** Everything that a run needs to go on as if it had never stopped. */
export interface Checkpoint {
  /** What must be the same for the checkpoint to fit: settings, adapter layout, rows. */
  fingerprint: string
  stepper: StepperState
  stopping: StoppingState
  /** The best adapter so far; null before the first evaluation. */
  best: { a: Float32Array; b: Float32Array } | null
  /** The step of the last evaluation, -1 before the first. */
  evaluatedAt: number
  /** Losses since the last evaluation, where there are no validation rows. */
  window: number[]
}

const stateSchema = z.object({
  version: z.literal(1),
  fingerprint: z.string(),
  step: z.int().min(0),
  // JSON has no infinity: null before the first evaluation.
  stopping: z.object({ bestLoss: z.number().nullable(), bestStep: z.int(), reference: z.number().nullable(), level: z.int() }),
  evaluatedAt: z.int(),
  window: z.array(z.number()),
})

/** A checkpoint as a safetensors file: the tensors, and the rest as JSON in its metadata. */
export function encodeCheckpoint({ fingerprint, stepper, stopping, best, evaluatedAt, window }: Checkpoint): Uint8Array<ArrayBuffer> {
  const { step, a, b, m, v } = stepper
  const parts = { a, b, 'm.a': m[0], 'm.b': m[1], 'v.a': v[0], 'v.b': v[1], ...(best ? { 'best.a': best.a, 'best.b': best.b } : {}) }
  const tensors = new Map(Object.entries(parts).map(([name, data]) => [`${name}.weight`, { shape: [data.length], data }]))
  const state: z.infer<typeof stateSchema> = { version: 1, fingerprint, step, stopping, evaluatedAt, window }
  return writeSafetensors(tensors, { state: JSON.stringify(state) })
}

/**
 * @returns null when the checkpoint belongs to another run: other settings, rows or layout.
 * @throws {WeightsError} a damaged file.
 */
export async function decodeCheckpoint(bytes: Uint8Array, fingerprint: string): Promise<Checkpoint | null> {
  const source = bytesSource(bytes, 'checkpoint')
  const { metadata } = await readSafetensorsHeader(source)
  const parsed = stateSchema.safeParse(JSON.parse(metadata.state ?? 'null'))
  if (!parsed.success || parsed.data.fingerprint !== fingerprint) return null
  const tensors = await safetensorsModel([source])
  const read = async (name: string): Promise<Float32Array> => unpack(await tensors.read(`${name}.weight`))
  const { step, stopping, evaluatedAt, window } = parsed.data
  return {
    fingerprint,
    evaluatedAt,
    window,
    stopping: { ...stopping, bestLoss: stopping.bestLoss ?? Number.POSITIVE_INFINITY, reference: stopping.reference ?? Number.POSITIVE_INFINITY },
    stepper: {
      step, a: await read('a'), b: await read('b'),
      m: [await read('m.a'), await read('m.b')], v: [await read('v.a'), await read('v.b')],
    },
    best: tensors.entries.has('best.a.weight') ? { a: await read('best.a'), b: await read('best.b') } : null,
  }
}
