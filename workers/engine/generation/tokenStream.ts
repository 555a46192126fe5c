import type { PlannedAdapter } from '../model/decoderContext.ts'
import { cachePrefix } from '../model/forward.ts'
import type { LoadedModel } from '../model/loadModel.ts'
import type { LoadedPlan } from '../plan/execute/executor.ts'
import { planGeneration } from '../plan/inference.ts'

/** Tokens of a prompt that go through the model at once. */
const pieceLength = 64

/** A text that grows: keys and values of its tokens stay in a cache on the device. */
export class TokenStream {
  private readonly model: LoadedModel
  private readonly adapter: PlannedAdapter | null
  private readonly capacity: number
  private readonly plans = new Map<number, LoadedPlan>()
  private position = 0

  /** @param tokens the most that the text will have. */
  constructor(model: LoadedModel, adapter: PlannedAdapter | null, tokens: number) {
    this.model = model
    this.adapter = adapter
    // A prompt's last piece is filled up, so there is room for one more.
    this.capacity = (Math.ceil(tokens / pieceLength) + 1) * pieceLength
  }

  /** Appends tokens. @returns the logits after the last one, [vocabulary]. */
  async append(ids: readonly number[]): Promise<Float32Array> {
    if (this.position + ids.length > this.capacity - pieceLength) {
      throw new RangeError(`A cache made for ${this.capacity - pieceLength} tokens cannot take ${this.position + ids.length}.`)
    }
    if (ids.length === 1) return this.run(ids, 1)
    let logits = new Float32Array(0)
    for (let at = 0; at < ids.length; at += pieceLength) logits = new Float32Array(await this.run(ids.slice(at, at + pieceLength), pieceLength))
    return logits
  }

  dispose(): void {
    for (const plan of this.plans.values()) plan.dispose()
    this.plans.clear()
    this.model.executor.release(cachePrefix)
  }

  /** Unused places at the end of a piece write entries that are overwritten before any token sees them. */
  private async run(ids: readonly number[], length: number): Promise<Float32Array> {
    const plan = await this.plan(length)
    const padded = new Int32Array(length)
    padded.set(ids)
    plan.write('ids', padded)
    plan.write('positions', Int32Array.from({ length }, (_, i) => this.position + i))
    if (length > 1) plan.write('slots', Int32Array.of(ids.length - 1))
    await plan.run()
    this.position += ids.length
    return plan.read('logits')
  }

  private async plan(length: number): Promise<LoadedPlan> {
    const known = this.plans.get(length)
    if (known) return known
    const { config, formats, executor } = this.model
    const plan = await executor.load(planGeneration({ config, adapter: this.adapter, formats, length, capacity: this.capacity }))
    this.plans.set(length, plan)
    return plan
  }
}
