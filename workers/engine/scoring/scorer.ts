import type { Progress, RowScore } from '../../protocol.ts'
import { layoutKey } from '../lora/layout.ts'
import type { PlannedAdapter } from '../model/decoderContext.ts'
import type { LoadedModel } from '../model/loadModel.ts'
import type { LoadedPlan } from '../plan/execute/executor.ts'
import { planScoring } from '../plan/inference.ts'
import { Pace } from '../progress.ts'
import type { EncodedRow } from '../tokenizer/encodeRows.ts'
import { layOut, slotCount, slotsOf } from '../training/batch.ts'
import type { TokenBatch } from '../training/batch.ts'
import { pack } from '../training/packing.ts'

/** Tokens that are computed at once, where nothing else is said. */
const defaultTokens = 512

export interface ScoreOptions {
  signal?: AbortSignal
  onProgress?: (progress: Progress) => void
  /** Lets other work in between batches (messages to a worker). */
  between?: () => Promise<void>
}

/**
 * Scores one set of rows with any number of adapters. Rows are packed into
 * sequences; a segment mask keeps them apart, so a row's number does not depend
 * on its neighbours. Plans are kept from one adapter to the next of its layout.
 */
export class Scorer {
  private readonly model: LoadedModel
  private readonly rows: readonly EncodedRow[]
  /** Rows of each sequence of each batch. */
  private readonly batches: number[][][]
  private readonly length: number
  private readonly plans = new Map<number, LoadedPlan>()
  private plannedFor = ''

  constructor(model: LoadedModel, rows: readonly EncodedRow[], tokensPerBatch = defaultTokens) {
    this.model = model
    this.rows = rows
    const lengths = rows.map(({ ids }) => ids.length)
    this.length = Math.ceil(Math.max(...lengths, Math.min(256, tokensPerBatch)) / 16) * 16
    const sequences = rows.length ? pack(lengths, this.length) : []
    const perBatch = Math.max(1, Math.min(sequences.length, Math.floor(tokensPerBatch / this.length)))
    this.batches = Array.from({ length: Math.ceil(sequences.length / perBatch) }, (_, batch) =>
      Array.from({ length: perBatch }, (_, i) => sequences[batch * perBatch + i] ?? []))
  }

  /**
   * The summed negative log-likelihood of every row's targets, in nats.
   *
   * @param adapter resident under its id; null: the base alone.
   */
  async score(adapter: PlannedAdapter | null, { signal, onProgress, between }: ScoreOptions = {}): Promise<RowScore[]> {
    const scores = this.rows.map(({ targetTokens, targetBytes }): RowScore => ({ nll: 0, targetTokens, targetBytes }))
    const pace = new Pace('rows', this.rows.length)
    let done = 0
    for (const members of this.batches) {
      signal?.throwIfAborted()
      const batch = layOut(members.map((sequence) => sequence.map((row) => this.rows[row])), this.length)
      const nll = await this.run(batch, adapter)
      this.attribute(batch, members, nll, scores)
      done += members.flat().length
      onProgress?.(pace.at(done))
      await between?.()
    }
    return scores
  }

  dispose(): void {
    for (const plan of this.plans.values()) plan.dispose()
    this.plans.clear()
  }

  private async run(batch: TokenBatch, adapter: PlannedAdapter | null): Promise<Float32Array> {
    const count = slotCount(batch)
    const all = count === batch.targets.length
    const plan = await this.plan(batch, count, adapter)
    const { targets, slots } = slotsOf(batch, count)
    plan.write('ids', batch.ids)
    plan.write('positions', batch.positions)
    plan.write('segments', batch.segments)
    plan.write('targets', all ? batch.targets : targets)
    if (!all) plan.write('slots', slots)
    await plan.run()
    return plan.read('nll')
  }

  /** Slots are in token order, so a row's targets are one run of them; where every token has a slot, of tokens. */
  private attribute(batch: TokenBatch, members: number[][], nll: Float32Array, scores: RowScore[]): void {
    const all = nll.length === batch.targets.length
    let slot = 0
    members.forEach((sequence, i) => {
      let token = i * batch.length
      for (const row of sequence) {
        for (const end = token + this.rows[row].ids.length; token < end; token++) {
          if (batch.targets[token] >= 0) scores[row].nll += nll[all ? token : slot++]
        }
      }
    })
  }

  private async plan({ rows, length }: TokenBatch, targets: number, adapter: PlannedAdapter | null): Promise<LoadedPlan> {
    const plannedFor = adapter ? `${adapter.id} ${layoutKey(adapter.layout)}` : ''
    if (plannedFor !== this.plannedFor) this.dispose()
    this.plannedFor = plannedFor
    const known = this.plans.get(targets)
    if (known) return known
    const { config, formats, executor } = this.model
    const plan = await executor.load(planScoring({ config, formats, adapter, batch: { rows, length, targets } }))
    this.plans.set(targets, plan)
    return plan
  }
}
