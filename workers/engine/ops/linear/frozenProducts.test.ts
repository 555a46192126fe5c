import '@tensorflow/tfjs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTfjs } from '../../backend/startTfjs.ts'
import { tf } from '../../backend/tfjs.ts'
import { Products } from '../../backend/wasm/products.ts'
import { randomTensor, relativeError } from '../testing.ts'
import { times, timesTransposed } from './dense.ts'
import { frozenTimes, frozenTimesTransposed, markFrozen, useProducts } from './frozenProducts.ts'

describe('products with frozen weights', () => {
  beforeAll(async () => {
    await startTfjs('wasm')
    useProducts(await Products.open(2))
  })
  afterAll(() => useProducts(null))

  it('are what tfjs makes, in both directions', () => {
    const w = randomTensor([200, 100], 1)
    const x = randomTensor([13, 100], 2)
    const dy = randomTensor([13, 200], 3)
    expect(frozenTimes(dy, w)).toBeNull()
    const expected = [timesTransposed(x, w), times(dy, w)]
    markFrozen(w)
    const own = [frozenTimesTransposed(x, w)!, frozenTimes(dy, w)!]
    own.forEach((actual, i) => expect(relativeError(actual, expected[i])).toBeLessThan(1e-6))
    // The seam that the references use takes them.
    expect([...timesTransposed(x, w).dataSync()]).toEqual([...own[0].dataSync()])
    w.dispose()
    const other = randomTensor([200, 100], 4)
    markFrozen(other)
    expect(relativeError(frozenTimes(dy, other)!, tf.matMul(dy, other))).toBeLessThan(1e-6)
  })

  it('leave small weights and other tensors to tfjs', () => {
    const small = randomTensor([200, 8], 1)
    markFrozen(small)
    expect(frozenTimes(randomTensor([3, 200], 2), small)).toBeNull()
  })
})
