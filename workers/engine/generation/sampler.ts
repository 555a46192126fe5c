import type { SamplingSettings } from '../../protocol.ts'
import { Random } from '../../../src/data/random.ts'

/** Chooses tokens from logits; the same seed chooses the same tokens. */
export class Sampler {
  private readonly settings: SamplingSettings
  private readonly random: Random

  constructor(settings: SamplingSettings) {
    this.settings = settings
    this.random = new Random(settings.seed)
  }

  /**
   * The next token. In this order: repetition penalty (Keskar et al. 2019) on
   * tokens seen before, temperature, top-k, top-p (Holtzman et al. 2020).
   *
   * @param logits [vocabulary]; changed in place.
   * @param seen the prompt's and the generated tokens.
   */
  next(logits: Float32Array, seen: Iterable<number>): number {
    const { temperature, topK, topP, repetitionPenalty } = this.settings
    if (repetitionPenalty !== 1) {
      for (const id of new Set(seen)) logits[id] = logits[id] > 0 ? logits[id] / repetitionPenalty : logits[id] * repetitionPenalty
    }
    if (temperature === 0) return argMax(logits)
    // A partial order is enough: top-k first, then cut by probability.
    const order = topK > 0 && topK < logits.length ? largest(logits, topK) : [...logits.keys()]
    order.sort((a, b) => logits[b] - logits[a])
    const top = logits[order[0]]
    const weights = order.map((id) => Math.exp((logits[id] - top) / temperature))
    const total = weights.reduce((a, b) => a + b)
    let kept = 0
    let mass = 0
    while (kept < weights.length && (kept === 0 || mass < topP * total)) mass += weights[kept++]
    let left = this.random.uniform() * mass
    for (let i = 0; i < kept; i++) {
      left -= weights[i]
      if (left < 0) return order[i]
    }
    return order[kept - 1]
  }
}

function argMax(values: Float32Array): number {
  let best = 0
  for (let i = 1; i < values.length; i++) if (values[i] > values[best]) best = i
  return best
}

/** Indices of the k largest values, in no order. */
function largest(values: Float32Array, k: number): number[] {
  const threshold = Float32Array.from(values).sort()[values.length - k]
  const above: number[] = []
  const equal: number[] = []
  values.forEach((value, i) => {
    if (value > threshold) above.push(i)
    else if (value === threshold) equal.push(i)
  })
  return [...above, ...equal.slice(0, k - above.length)]
}
