import { describe, expect, it } from 'vitest'
import { Random } from '../../../../src/data/random.ts'
import { Products } from './products.ts'

const random = new Random(1)
const floats = (n: number) => Float32Array.from({ length: n }, () => random.uniform() - 0.5)

function near(actual: Float32Array, expected: (i: number) => number): void {
  let worst = 0
  actual.forEach((value, i) => { worst = Math.max(worst, Math.abs(value - expected(i))) })
  expect(worst).toBeLessThan(1e-4)
}

describe.each([1, 2])('products with frozen weights in WebAssembly, %i threads', (threads) => {
  it('both directions, odd sizes, several weights, memory that grows', async () => {
    const products = await Products.open(threads)
    expect(products.threads).toBe(threads)
    for (const [rows, out, inputs] of [[1, 1, 1], [7, 13, 5], [6, 8, 16], [33, 172, 64], [50, 300, 1030], [5, 64, 172], [1, 1100, 4001]]) {
      const w = floats(out * inputs)
      const x = floats(rows * inputs)
      const dy = floats(rows * out)
      const placed = products.place(w, out, inputs)
      const sum = (n: number, f: (k: number) => number) => Array.from({ length: n }, (_, k) => f(k)).reduce((a, b) => a + b, 0)
      near(products.forward(x, rows, placed), (i) => sum(inputs, (k) => x[Math.floor(i / out) * inputs + k] * w[(i % out) * inputs + k]))
      near(products.backward(dy, rows, placed), (i) => sum(out, (k) => dy[Math.floor(i / inputs) * out + k] * w[k * inputs + (i % inputs)]))
      products.release(placed)
    }
  })
})
