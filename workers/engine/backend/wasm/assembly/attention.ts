import { count, least, most, place, real } from './command'
import { largest, weigh } from './head'
import { panelBytes } from './operations'
import { product } from './products'
import { exponential, logarithm } from './vectors'

const masked: f32 = -1e30

/**
 * q, k, v, segments, o, logsumexp; rows, length, heads, keyValueHeads, headDim, window; scale;
 * block of queries. A share is a block of one head's queries; results as in `ops/attention`.
 */
export function attention(command: usize, share: i32, scratch: usize): void {
  const length = count(command, 7)
  const heads = count(command, 8)
  const keyValueHeads = count(command, 9)
  const headDim = count(command, 10)
  const window = count(command, 11)
  const block = count(command, 13)
  const blocks = (length + block - 1) / block
  const head = (share / blocks) % heads
  const row = share / (blocks * heads)
  const from = (share % blocks) * block
  const to = least(length, from + block)
  const low = window ? most(0, from - window + 1) : 0
  const segments = place(command, 3) + (<usize>row * length << 2)
  const stride = <usize>(heads * headDim) << 2
  const keyStride = <usize>(keyValueHeads * headDim) << 2
  const first = <usize>row * length
  const keyOffset = (first + low) * keyStride + (<usize>(head * keyValueHeads / heads * headDim) << 2)
  const offset = (first + from) * stride + (<usize>(head * headDim) << 2)
  const scores = scratch + panelBytes
  const keys = to - low
  product(
    to - from, keys, headDim, place(command, 0) + offset, stride, 4, place(command, 1) + keyOffset, 4, keyStride,
    scores, <usize>keys << 2, real(command, 12), 0, 0, 0, scratch,
  )
  const logsumexp = place(command, 5)
  for (let i = from; i < to; i++) {
    const line = scores + (<usize>(i - from) * keys << 2)
    hide(line, segments, i, low, to, window)
    const top = largest(line, keys)
    const sum = weigh(line, keys, top)
    scale(line, keys, <f32>(1 / sum))
    if (logsumexp) store<f32>(logsumexp + (<usize>((row * heads + head) * length + i) << 2), <f32>(<f64>top + logarithm(sum)))
  }
  product(
    to - from, headDim, keys, scores, <usize>keys << 2, 4, place(command, 2) + keyOffset, keyStride, 4,
    place(command, 4) + offset, stride, 1, 0, 0, 0, scratch,
  )
}

/** Scores of keys low…to that query i must not see become `masked`. */
function hide(line: usize, segments: usize, i: i32, low: i32, to: i32, window: i32): void {
  const own = load<i32>(segments + (<usize>i << 2))
  const oldest = window ? i - window + 1 : 0
  for (let j = low; j < to; j++) {
    if (j > i || j < oldest || load<i32>(segments + (<usize>j << 2)) != own) store<f32>(line + (<usize>(j - low) << 2), masked)
  }
}

function scale(x: usize, length: i32, factor: f32): void {
  const factors = f32x4.splat(factor)
  for (; length >= 4; length -= 4) {
    v128.store(x, f32x4.mul(v128.load(x), factors))
    x += 16
  }
  for (; length > 0; length--) {
    store<f32>(x, load<f32>(x) * factor)
    x += 4
  }
}

/**
 * q, k, v, o, logsumexp, do, segments, dq, dk, dv; rows, length, heads, keyValueHeads, headDim,
 * window; scale; block of queries. A share is all that one key-value head of one row has to do
 * with, since dk and dv are sums over its queries.
 */
export function attentionBackward(command: usize, share: i32, scratch: usize): void {
  const length = count(command, 11)
  const heads = count(command, 12)
  const keyValueHeads = count(command, 13)
  const headDim = count(command, 14)
  const window = count(command, 15)
  const factor = real(command, 16)
  const block = count(command, 17)
  const row = share / keyValueHeads
  const keyHead = share % keyValueHeads
  const group = heads / keyValueHeads
  const stride = <usize>(heads * headDim) << 2
  const keyStride = <usize>(keyValueHeads * headDim) << 2
  const headBytes = <usize>headDim << 2
  const first = <usize>row * length
  const segments = place(command, 6) + (first << 2)
  const weights = scratch + panelBytes
  const gradients = weights + (<usize>(block * length) << 2)
  for (let t = 0; t < length; t++) {
    const at = (first + t) * keyStride + <usize>keyHead * headBytes
    memory.fill(place(command, 8) + at, 0, headBytes)
    memory.fill(place(command, 9) + at, 0, headBytes)
  }
  for (let head = keyHead * group; head < (keyHead + 1) * group; head++) {
    const logsumexp = place(command, 4) + (<usize>((row * heads + head) * length) << 2)
    for (let from = 0; from < length; from += block) {
      const to = least(length, from + block)
      const low = window ? most(0, from - window + 1) : 0
      const keys = to - low
      const line = <usize>keys << 2
      const offset = (first + from) * stride + <usize>head * headBytes
      const keyOffset = (first + low) * keyStride + <usize>keyHead * headBytes
      const q = place(command, 0) + offset
      const k = place(command, 1) + keyOffset
      const dO = place(command, 5) + offset
      const dk = place(command, 8) + keyOffset
      const dv = place(command, 9) + keyOffset
      product(to - from, keys, headDim, q, stride, 4, k, 4, keyStride, weights, line, factor, 0, 0, 0, scratch)
      product(to - from, keys, headDim, dO, stride, 4, place(command, 2) + keyOffset, 4, keyStride, gradients, line, 1, 0, 0, 0, scratch)
      for (let i = from; i < to; i++) {
        const at = <usize>(i - from) * line
        hide(weights + at, segments, i, low, to, window)
        const delta = dot(dO + <usize>(i - from) * stride, place(command, 3) + offset + <usize>(i - from) * stride, headDim)
        softmaxBackward(weights + at, gradients + at, keys, load<f32>(logsumexp + (<usize>i << 2)), delta, factor)
      }
      product(to - from, headDim, keys, gradients, line, 4, k, keyStride, 4, place(command, 7) + offset, stride, 1, 0, 0, 0, scratch)
      product(keys, headDim, to - from, gradients, 4, line, q, stride, 4, dk, keyStride, 1, dk, keyStride, 0, scratch)
      product(keys, headDim, to - from, weights, 4, line, dO, stride, 4, dv, keyStride, 1, dv, keyStride, 0, scratch)
    }
  }
}

function dot(a: usize, b: usize, length: i32): f32 {
  let sum: f32 = 0
  for (; length > 0; length--) {
    sum += load<f32>(a) * load<f32>(b)
    a += 4
    b += 4
  }
  return sum
}

/** Scores → weights exp(score − logsumexp); gradients of the weights → of the unscaled scores. */
function softmaxBackward(weights: usize, gradients: usize, length: i32, logsumexp: f32, delta: f32, factor: f32): void {
  const logsumexps = f32x4.splat(logsumexp)
  const deltas = f32x4.splat(delta)
  const factors = f32x4.splat(factor)
  for (; length >= 4; length -= 4) {
    const p = exponential(f32x4.sub(v128.load(weights), logsumexps))
    v128.store(weights, p)
    v128.store(gradients, f32x4.mul(f32x4.mul(p, f32x4.sub(v128.load(gradients), deltas)), factors))
    weights += 16
    gradients += 16
  }
  for (; length > 0; length--) {
    const p = f32x4.extract_lane(exponential(f32x4.splat(load<f32>(weights) - logsumexp)), 0)
    store<f32>(weights, p)
    store<f32>(gradients, p * (load<f32>(gradients) - delta) * factor)
    weights += 4
    gradients += 4
  }
}

/**
 * q, k, v, positions, o; tokens, capacity, heads, keyValueHeads, headDim, window; scale; block of
 * queries. A share is a block of one head's queries; results as `cachedAttention` of `ops/attention`.
 */
export function cachedAttention(command: usize, share: i32, scratch: usize): void {
  const tokens = count(command, 5)
  const heads = count(command, 7)
  const keyValueHeads = count(command, 8)
  const headDim = count(command, 9)
  const window = count(command, 10)
  const block = count(command, 12)
  const blocks = (tokens + block - 1) / block
  const head = share / blocks
  const from = (share % blocks) * block
  const to = least(tokens, from + block)
  const positions = place(command, 3)
  let low = count(command, 6)
  let keys = 0
  for (let i = from; i < to; i++) {
    const position = load<i32>(positions + (<usize>i << 2))
    low = least(low, window ? most(0, position - window + 1) : 0)
    keys = most(keys, least(count(command, 6), position + 1))
  }
  keys -= low
  const stride = <usize>(heads * headDim) << 2
  const keyStride = <usize>(keyValueHeads * headDim) << 2
  const offset = <usize>from * stride + (<usize>(head * headDim) << 2)
  const keyOffset = <usize>low * keyStride + (<usize>(head * keyValueHeads / heads * headDim) << 2)
  const scores = scratch + panelBytes
  const line = <usize>keys << 2
  product(
    to - from, keys, headDim, place(command, 0) + offset, stride, 4, place(command, 1) + keyOffset, 4, keyStride,
    scores, line, real(command, 11), 0, 0, 0, scratch,
  )
  for (let i = from; i < to; i++) {
    const row = scores + <usize>(i - from) * line
    const position = load<i32>(positions + (<usize>i << 2))
    const oldest = window ? position - window + 1 : 0
    for (let j = 0; j < keys; j++) if (low + j > position || low + j < oldest) store<f32>(row + (<usize>j << 2), masked)
    const sum = weigh(row, keys, largest(row, keys))
    scale(row, keys, <f32>(1 / sum))
  }
  product(
    to - from, headDim, keys, scores, line, 4, place(command, 2) + keyOffset, keyStride, 4, place(command, 4) + offset, stride, 1, 0, 0, 0, scratch,
  )
}
