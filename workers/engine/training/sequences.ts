import { shuffled } from '../../../src/data/splitRows.ts'
import type { EncodedRow } from '../tokenizer/encodeRows.ts'
import { layOut } from './batch.ts'
import type { TokenBatch } from './batch.ts'
import { pack } from './packing.ts'
import type { TrainingSettings } from './settings.ts'

/**
 * The order in which rows are learnt. Which sequences a micro-batch holds is a
 * function of its number and the seed alone, so a resumed run needs no more
 * than the number of steps done.
 */
export class Sequences {
  private readonly rows: readonly EncodedRow[]
  /** Rows of each sequence. */
  private readonly sequences: number[][]
  private readonly settings: Pick<TrainingSettings, 'batchSize' | 'accumulate' | 'packing' | 'seed'>
  private epoch = -1
  private order: number[] = []

  constructor(rows: readonly EncodedRow[], contextLength: number, settings: Pick<TrainingSettings, 'batchSize' | 'accumulate' | 'packing' | 'seed'>) {
    this.rows = rows
    this.settings = settings
    this.sequences = settings.packing ? pack(rows.map(({ ids }) => ids.length), contextLength) : rows.map((_, i) => [i])
  }

  get count(): number {
    return this.sequences.length
  }

  /** The micro-batches of a step (from 0). */
  step(step: number): TokenBatch[] {
    const { accumulate } = this.settings
    return Array.from({ length: accumulate }, (_, i) => this.batch(step * accumulate + i))
  }

  /** The longest batch there can be, in tokens of a row. */
  get longest(): number {
    return roundLength(Math.max(...this.sequences.map((sequence) => this.lengthOf(sequence))), this.settings.packing)
  }

  private batch(index: number): TokenBatch {
    const { batchSize, packing } = this.settings
    const members = Array.from({ length: batchSize }, (_, i) => this.sequences[this.at(index * batchSize + i)])
    const length = packing ? this.longest : roundLength(Math.max(...members.map((sequence) => this.lengthOf(sequence))), false)
    return layOut(members.map((sequence) => sequence.map((row) => this.rows[row])), length)
  }

  /** The sequence at a place in the endless, newly shuffled repetition of all. */
  private at(place: number): number {
    const { count } = this
    const epoch = Math.floor(place / count)
    if (epoch !== this.epoch) {
      this.epoch = epoch
      this.order = shuffled(count, (this.settings.seed * 7919 + epoch) >>> 0)
    }
    return this.order[place % count]
  }

  private lengthOf(sequence: number[]): number {
    return sequence.reduce((sum, row) => sum + this.rows[row].ids.length, 0)
  }
}

/** Few different lengths, so few plans: packed sequences are all alike, single rows come in steps of 32. */
function roundLength(length: number, packing: boolean): number {
  const unit = packing ? 8 : 32
  return Math.ceil(length / unit) * unit
}
