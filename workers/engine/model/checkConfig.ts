import { ModelConfigError } from './config.ts'
import type { ModelConfig } from './config.ts'

/**
 * Holds the numbers of a configuration against each other.
 *
 * @throws {ModelConfigError}
 */
export function checkConfig(c: ModelConfig): void {
  if (!Number.isInteger(c.headDim) || c.headDim % 2 || c.headDim > 1024) {
    throw new ModelConfigError(`Heads of ${c.headDim} features cannot be rotated: an even whole number up to 1024 is needed.`)
  }
  if (c.heads % c.keyValueHeads) {
    throw new ModelConfigError(`${c.heads} attention heads cannot share ${c.keyValueHeads} key-value heads evenly.`)
  }
  if (c.rope.frequencyFactors && (c.rope.frequencyFactors.length !== c.headDim / 2 || !c.rope.frequencyFactors.every((f) => f > 0))) {
    throw new ModelConfigError(`${c.headDim / 2} positive RoPE factors are needed.`)
  }
}
