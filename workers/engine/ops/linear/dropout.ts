import { Random } from '../../../../src/data/random.ts'

/**
 * Dropout masks that every backend makes alike, from a seed, with numbers small
 * enough to be exact in float32 (tfjs has no integer hash on WASM).
 *
 * Element (t, c) of a layer is kept when h(t, c) ≥ rate·M, where, modulo the
 * prime M = 1021 and with per-layer odd constants k from `dropoutKeys`,
 *
 *     u = (t·k0 + (t div M)·k1 + k2)      v = (c·k3 + (c div M)·k4 + k5)
 *     z = u + v;  z = z² + u·k6 + 1;  z = z² + v·k7 + 1;  h = z² + u     (all mod M)
 *
 * Kept elements are multiplied by 1 / (1 - rate'), rate' being the share of the
 * M values that is really dropped.
 */
export const dropoutModulus = 1021

/** Values of h below this are dropped. */
export function dropoutThreshold(rate: number): number {
  return Math.round(rate * dropoutModulus)
}

/** The factor on kept elements. */
export function dropoutScale(rate: number): number {
  return dropoutModulus / (dropoutModulus - dropoutThreshold(rate))
}

/** The `keys` input of a step, [layers, 8]: k0…k7 of each layer, drawn from the seed, each in [1, M). */
export function dropoutKeys(layers: number, seed: number): Int32Array {
  const random = new Random(seed)
  return Int32Array.from({ length: 8 * layers }, () => 1 + random.below(dropoutModulus - 1))
}

/** The mask as numbers, [rows, columns] row-major: 0, or `dropoutScale`. */
export function dropoutMask(rows: number, columns: number, rate: number, k: ArrayLike<number>): Float32Array {
  const m = dropoutModulus
  const threshold = dropoutThreshold(rate)
  const scale = dropoutScale(rate)
  const mask = new Float32Array(rows * columns)
  for (let t = 0; t < rows; t++) {
    const u = ((t % m) * k[0] + Math.floor(t / m) * k[1] + k[2]) % m
    for (let c = 0; c < columns; c++) {
      const v = ((c % m) * k[3] + Math.floor(c / m) * k[4] + k[5]) % m
      let z = (u + v) % m
      z = (z * z + u * k[6] + 1) % m
      z = (z * z + v * k[7] + 1) % m
      mask[t * columns + c] = (z * z + u) % m < threshold ? 0 : scale
    }
  }
  return mask
}
