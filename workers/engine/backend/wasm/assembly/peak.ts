import { count, place } from './command'
import { multiplyAdd, sumOf } from './vectors'

/** sums; rounds. Multiply-adds from registers alone: what a processor can do at most. */
export function peak(command: usize, share: i32): void {
  const rounds = count(command, 1)
  const x = f32x4.splat(0.999)
  const y = f32x4.splat(1e-3)
  let a = y, b = y, c = y, d = y, e = y, f = y, g = y, h = y, i = y, j = y
  for (let round = 0; round < rounds; round++) {
    a = multiplyAdd(a, x, y)
    b = multiplyAdd(b, x, y)
    c = multiplyAdd(c, x, y)
    d = multiplyAdd(d, x, y)
    e = multiplyAdd(e, x, y)
    f = multiplyAdd(f, x, y)
    g = multiplyAdd(g, x, y)
    h = multiplyAdd(h, x, y)
    i = multiplyAdd(i, x, y)
    j = multiplyAdd(j, x, y)
  }
  const four = f32x4.add(f32x4.add(a, b), f32x4.add(c, d))
  const more = f32x4.add(f32x4.add(e, f), f32x4.add(g, h))
  store<f32>(place(command, 0) + (<usize>share << 6), sumOf(f32x4.add(f32x4.add(four, more), f32x4.add(i, j))))
}
