import { count, least, place, real } from './command'
import { sumOf } from './vectors'

/** x, weight, y, rstd; groups, size; epsilon; block of groups. y and rstd as in `ops/rmsNorm`. */
export function rmsNorm(command: usize, share: i32): void {
  const size = count(command, 5)
  const block = count(command, 7)
  const weight = place(command, 1)
  const rstd = place(command, 3)
  const bytes = <usize>size << 2
  const end = least(count(command, 4), (share + 1) * block)
  for (let group = share * block; group < end; group++) {
    const x = place(command, 0) + <usize>group * bytes
    const y = place(command, 2) + <usize>group * bytes
    const r: f32 = 1 / sqrt(squaresOf(x, size) / <f32>size + real(command, 6))
    store<f32>(rstd + (<usize>group << 2), r)
    const rs = f32x4.splat(r)
    let i: usize = 0
    for (; i + 16 <= bytes; i += 16) v128.store(y + i, f32x4.mul(f32x4.mul(v128.load(x + i), rs), v128.load(weight + i)))
    for (; i < bytes; i += 4) store<f32>(y + i, load<f32>(x + i) * r * load<f32>(weight + i))
  }
}

function squaresOf(x: usize, size: i32): f32 {
  let sum = f32x4.splat(0)
  let other = f32x4.splat(0)
  for (; size >= 8; size -= 8) {
    const a = v128.load(x), b = v128.load(x, 16)
    sum = f32x4.add(sum, f32x4.mul(a, a))
    other = f32x4.add(other, f32x4.mul(b, b))
    x += 32
  }
  let total = sumOf(f32x4.add(sum, other))
  for (; size > 0; size--) {
    const value = load<f32>(x)
    total += value * value
    x += 4
  }
  return total
}

/** dy, x, weight, rstd, add (0: none), dx; groups, size; block of groups. As in `ops/rmsNorm`. */
export function rmsNormBackward(command: usize, share: i32): void {
  const size = count(command, 7)
  const block = count(command, 8)
  const weight = place(command, 2)
  const bytes = <usize>size << 2
  const add = place(command, 4)
  const end = least(count(command, 6), (share + 1) * block)
  for (let group = share * block; group < end; group++) {
    const offset = <usize>group * bytes
    const dy = place(command, 0) + offset
    const x = place(command, 1) + offset
    const dx = place(command, 5) + offset
    const r = load<f32>(place(command, 3) + (<usize>group << 2))
    let sum = f32x4.splat(0)
    let i: usize = 0
    for (; i + 16 <= bytes; i += 16) sum = f32x4.add(sum, f32x4.mul(f32x4.mul(v128.load(dy + i), v128.load(weight + i)), v128.load(x + i)))
    let total = sumOf(sum)
    for (; i < bytes; i += 4) total += load<f32>(dy + i) * load<f32>(weight + i) * load<f32>(x + i)
    const pull: f32 = (total / <f32>size) * r * r * r
    const rs = f32x4.splat(r)
    const pulls = f32x4.splat(pull)
    i = 0
    for (; i + 16 <= bytes; i += 16) {
      let value = f32x4.mul(f32x4.mul(v128.load(dy + i), v128.load(weight + i)), rs)
      value = f32x4.sub(value, f32x4.mul(v128.load(x + i), pulls))
      if (add) value = f32x4.add(value, v128.load(add + offset + i))
      v128.store(dx + i, value)
    }
    for (; i < bytes; i += 4) {
      const value = load<f32>(dy + i) * load<f32>(weight + i) * r - load<f32>(x + i) * pull
      store<f32>(dx + i, add ? value + load<f32>(add + offset + i) : value)
    }
  }
}
