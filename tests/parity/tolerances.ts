/** What the engine in float32 must stay within: the second figures of the reference models' README. */
export const tolerances = {
  small: {
    logits: 1e-3, lossRelative: 1e-4, gradientNormRelative: 1e-3, firstGradients: 1e-3, finalAdapter: 2e-2,
    lossAfterRelative: 1e-4, finalLogits: 2e-3, bitsPerByteRelative: 1e-5, meanNllRelative: 1e-4, greedyIdsThatDiffer: 0,
  },
  large: {
    logits: 1e-2, lossRelative: 2e-4, gradientNormRelative: 2e-3, firstGradients: 5e-3, finalAdapter: 1e-1,
    lossAfterRelative: 2e-4, finalLogits: 5e-2, bitsPerByteRelative: 1e-5, meanNllRelative: 2e-4, greedyIdsThatDiffer: 0,
  },
} as const

export type Measure = keyof (typeof tolerances)['small']
export type Differences = Partial<Record<Measure, number>>

/** The README's two columns: tiny models and those of SmolLM2's size. */
export function tolerancesFor(parameters: number): Record<Measure, number> {
  return parameters < 20e6 ? tolerances.small : tolerances.large
}
