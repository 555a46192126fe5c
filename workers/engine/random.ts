/**
 * The only source of chance in the engine: splitmix32, seeded, so that every
 * run can be repeated. Not for secrets.
 */
export class Random {
  /** The whole state; keep it to continue the same sequence later. */
  state: number

  constructor(seed: number) {
    this.state = seed >>> 0
  }

  /** 32 random bits as an unsigned integer. */
  bits(): number {
    this.state = (this.state + 0x9e3779b9) >>> 0
    let z = this.state
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad)
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97)
    return (z ^ (z >>> 15)) >>> 0
  }

  /** Uniform in [0, 1). */
  uniform(): number {
    return this.bits() / 2 ** 32
  }

  /** A whole number in [0, n). */
  below(n: number): number {
    return Math.floor(this.uniform() * n)
  }

  /** A shuffled copy (Fisher and Yates). */
  shuffled<T>(items: readonly T[]): T[] {
    const result = [...items]
    for (let i = result.length - 1; i > 0; i--) {
      const j = this.below(i + 1)
      const held = result[i]
      result[i] = result[j]
      result[j] = held
    }
    return result
  }
}
