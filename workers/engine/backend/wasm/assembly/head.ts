import { count, least, place } from './command'
import { exponential, exponentialOf, largestOf, logarithm, sumOf } from './vectors'

/** Numbers that are added up at once in single precision. */
const group: i32 = 256

/**
 * logits [rows, columns] of one piece; top, sum [rows]; pulled [rows, hidden] (0: none);
 * rows, columns, hidden; whether it is the first piece. A share is a row: its logits become
 * exp(logit − top), and what earlier pieces left is rescaled as `top` grows.
 */
export function headWeights(command: usize, row: i32): void {
  const columns = count(command, 5)
  const hidden = count(command, 6)
  const first = count(command, 7)
  const logits = place(command, 0) + (<usize>row * columns << 2)
  const top = place(command, 1) + (<usize>row << 2)
  const sum = place(command, 2) + (<usize>row << 2)
  const pulled = place(command, 3)
  const here = largest(logits, columns)
  const before = load<f32>(top)
  const now = first ? here : max(before, here)
  const total = weigh(logits, columns, now)
  store<f32>(top, now)
  if (first) return store<f32>(sum, <f32>total)
  const shrink = exponentialOf(before - now)
  store<f32>(sum, <f32>(<f64>load<f32>(sum) * shrink + total))
  if (!pulled) return
  const from = pulled + (<usize>row * hidden << 2)
  const end = from + (<usize>hidden << 2)
  for (let at = from; at < end; at += 4) store<f32>(at, load<f32>(at) * shrink)
}

export function largest(x: usize, length: i32): f32 {
  let result: f32 = -Infinity
  if (length >= 4) {
    let best = v128.load(x)
    for (; length >= 4; length -= 4) {
      best = f32x4.max(best, v128.load(x))
      x += 16
    }
    result = largestOf(best)
  }
  for (; length > 0; length--) {
    result = max(result, load<f32>(x))
    x += 4
  }
  return result
}

/** x = exp(x − top). @returns the sum. */
export function weigh(x: usize, length: i32, top: f32): f64 {
  const tops = f32x4.splat(top)
  let total: f64 = 0
  while (length >= 4) {
    let sum = f32x4.splat(0)
    const left = length - least(group, length & -4)
    for (; length > left; length -= 4) {
      const weight = exponential(f32x4.sub(v128.load(x), tops))
      v128.store(x, weight)
      sum = f32x4.add(sum, weight)
      x += 16
    }
    total += <f64>sumOf(sum)
  }
  for (; length > 0; length--) {
    const weight = exponentialOf(load<f32>(x) - top)
    store<f32>(x, weight)
    total += <f64>weight
    x += 4
  }
  return total
}

/**
 * x, own [rows, hidden] (the targets' rows of W); targets, weight, top, sum, pulled; nll, dx
 * (0: none); rows, hidden. A share is a row; results as in `ops/headLoss`.
 */
export function headFinish(command: usize, row: i32): void {
  const hidden = count(command, 10)
  const offset = <usize>(row * hidden) << 2
  const at = <usize>row << 2
  const x = place(command, 0) + offset
  const own = place(command, 1) + offset
  const dx = place(command, 8)
  const bytes = <usize>hidden << 2
  const nll = place(command, 7) + at
  if (load<i32>(place(command, 2) + at) < 0) {
    store<f32>(nll, 0)
    if (dx) memory.fill(dx + offset, 0, bytes)
    return
  }
  let logit: f64 = 0
  for (let i: usize = 0; i < bytes; i += 4) logit += <f64>load<f32>(x + i) * <f64>load<f32>(own + i)
  const sum = load<f32>(place(command, 5) + at)
  store<f32>(nll, <f32>(<f64>load<f32>(place(command, 4) + at) + logarithm(sum) - logit))
  if (!dx) return
  const weight = load<f32>(place(command, 3))
  const pulled = place(command, 6) + offset
  for (let i: usize = 0; i < bytes; i += 4) store<f32>(dx + offset + i, (load<f32>(pulled + i) / sum - load<f32>(own + i)) * weight)
}

/** nll, weight, lossIn (0: none), loss; rows. */
export function headLoss(command: usize): void {
  let sum: f64 = 0
  for (let i = 0; i < count(command, 4); i++) sum += <f64>load<f32>(place(command, 0) + (<usize>i << 2))
  const before = place(command, 2)
  store<f32>(place(command, 3), <f32>(sum * load<f32>(place(command, 1))) + (before ? load<f32>(before) : 0))
}
