import { ArenaError } from '../arena/errors.ts'
import { sha256Hex } from '../arena/sealedShard.ts'
import type { TaskSpec } from '../arena/taskSpec.ts'
import { parseRows, type QuarantinedRow } from '../data/parseRows.ts'
import type { ChatRow } from '../data/row.ts'
import { fetchFile, type ArenaNode, type FetchOptions } from '../network/index.ts'

/** Rows ready for training, and the lines that could not be used. */
export interface Dataset {
  cid: string
  rows: ChatRow[]
  quarantined: QuarantinedRow[]
  bytes: number
}

export class NoTrainingSetError extends ArenaError {
  override name = 'NoTrainingSetError'
  constructor() {
    super('This task comes without training rows.', "Bring rows of your own, or write them from the task's documents.")
  }
}

export class WrongDatasetError extends ArenaError {
  override name = 'WrongDatasetError'
  constructor(expected: string, actual: string) {
    super(`The training rows hash to ${actual}, the task names ${expected}.`, 'Do not train on them; tell the creator of the task.')
  }
}

/** Bytes of a training set taken when the spec does not say its size. */
const MAX_BYTES = 256 * 2 ** 20

/**
 * Brings a task's public training rows from the network.
 * @throws NoTrainingSetError, WrongDatasetError, RowFileError, and the errors of `fetchFile`.
 */
export async function prepareDataset(node: ArenaNode, spec: TaskSpec, options: Omit<FetchOptions, 'maxBytes'>): Promise<Dataset> {
  const source = spec.trainingSet
  if (!source) throw new NoTrainingSetError()
  const file = await fetchFile(node, source.cid, { ...options, maxBytes: source.bytes ?? MAX_BYTES })
  if (source.sha256) {
    const actual = await sha256Hex(file)
    if (actual !== source.sha256) throw new WrongDatasetError(source.sha256, actual)
  }
  return { cid: source.cid, bytes: file.byteLength, ...parseRows(file) }
}
