import { count, least, place, real } from './command'
import { exponential, exponentialOf } from './vectors'

/**
 * x, indices, y; rows, bytes per row; scatter; block of rows. y[r] = x[indices[r]], or
 * zeros where that is -1; with scatter y[indices[r]] = x[r].
 */
export function rows(command: usize, share: i32): void {
  const bytes = place(command, 4)
  const scatter = count(command, 5)
  const block = count(command, 6)
  const end = least(count(command, 3), (share + 1) * block)
  for (let row = share * block; row < end; row++) {
    const index = load<i32>(place(command, 1) + (<usize>row << 2))
    const x = place(command, 0) + <usize>(scatter ? row : index) * bytes
    const y = place(command, 2) + <usize>(scatter ? index : row) * bytes
    if (index >= 0) memory.copy(y, x, bytes)
    else memory.fill(y, 0, bytes)
  }
}

/** a, b, y; elements; block. y = a + b */
export function add(command: usize, share: i32): void {
  const block = count(command, 4)
  let at = <usize>(share * block) << 2
  const end = <usize>least(count(command, 3), (share + 1) * block) << 2
  const a = place(command, 0)
  const b = place(command, 1)
  const y = place(command, 2)
  for (; at + 16 <= end; at += 16) v128.store(y + at, f32x4.add(v128.load(a + at), v128.load(b + at)))
  for (; at < end; at += 4) store<f32>(y + at, load<f32>(a + at) + load<f32>(b + at))
}

/** gate, up, y; elements; block. y = silu(gate)∘up */
export function swiglu(command: usize, share: i32): void {
  const block = count(command, 4)
  let at = <usize>(share * block) << 2
  const end = <usize>least(count(command, 3), (share + 1) * block) << 2
  const gate = place(command, 0)
  const up = place(command, 1)
  const y = place(command, 2)
  const one = f32x4.splat(1)
  for (; at + 16 <= end; at += 16) {
    const g = v128.load(gate + at)
    const silu = f32x4.div(g, f32x4.add(one, exponential(f32x4.neg(g))))
    v128.store(y + at, f32x4.mul(silu, v128.load(up + at)))
  }
  for (; at < end; at += 4) {
    const g = load<f32>(gate + at)
    store<f32>(y + at, (g / (1 + exponentialOf(-g))) * load<f32>(up + at))
  }
}

/** dy, gate, up, dgate, dup; elements; block. As in `ops/swiglu`. */
export function swigluBackward(command: usize, share: i32): void {
  const block = count(command, 6)
  let at = <usize>(share * block) << 2
  const end = <usize>least(count(command, 5), (share + 1) * block) << 2
  const dy = place(command, 0)
  const gate = place(command, 1)
  const up = place(command, 2)
  const dgate = place(command, 3)
  const dup = place(command, 4)
  const one = f32x4.splat(1)
  for (; at + 16 <= end; at += 16) {
    const g = v128.load(gate + at)
    const sigma = f32x4.div(one, f32x4.add(one, exponential(f32x4.neg(g))))
    const part = f32x4.mul(v128.load(dy + at), sigma)
    const slope = f32x4.add(one, f32x4.mul(g, f32x4.sub(one, sigma)))
    const u = v128.load(up + at)
    v128.store(dup + at, f32x4.mul(part, g))
    v128.store(dgate + at, f32x4.mul(f32x4.mul(part, u), slope))
  }
  for (; at < end; at += 4) {
    const g = load<f32>(gate + at)
    const sigma: f32 = 1 / (1 + exponentialOf(-g))
    const part = load<f32>(dy + at) * sigma
    const u = load<f32>(up + at)
    store<f32>(dup + at, part * g)
    store<f32>(dgate + at, part * u * (1 + g * (1 - sigma)))
  }
}

/** x, y, cosines, sines [tokens, headDim / 2]; tokens, heads, headDim; inverse; block of tokens. As in `ops/rope`. */
export function rope(command: usize, share: i32): void {
  const heads = count(command, 5)
  const headDim = count(command, 6)
  const sign: f32 = count(command, 7) ? -1 : 1
  const block = count(command, 8)
  const half = <usize>(headDim >> 1) << 2
  const end = least(count(command, 4), (share + 1) * block)
  for (let token = share * block; token < end; token++) {
    const cosines = place(command, 2) + <usize>token * half
    const sines = place(command, 3) + <usize>token * half
    for (let head = 0; head < heads; head++) {
      const offset = <usize>(token * heads + head) * 2 * half
      const x = place(command, 0) + offset
      const y = place(command, 1) + offset
      for (let i: usize = 0; i < half; i += 4) {
        const first = load<f32>(x + i)
        const second = load<f32>(x + half + i)
        const cosine = load<f32>(cosines + i)
        const sine = load<f32>(sines + i) * sign
        store<f32>(y + i, first * cosine - second * sine)
        store<f32>(y + half + i, second * cosine + first * sine)
      }
    }
  }
}

/** Of `ops/linear/dropout.ts`. */
const modulus: u32 = 1021

/**
 * x, y, keys (this layer's eight), add (0: none); rows, columns; threshold; factor;
 * block of rows. y = mask∘x + add, with the mask of `ops/linear/dropout.ts`.
 */
export function dropout(command: usize, share: i32): void {
  const keys = place(command, 2)
  const k0 = load<u32>(keys), k1 = load<u32>(keys, 4), k2 = load<u32>(keys, 8), k3 = load<u32>(keys, 12)
  const k4 = load<u32>(keys, 16), k5 = load<u32>(keys, 20), k6 = load<u32>(keys, 24), k7 = load<u32>(keys, 28)
  const add = place(command, 3)
  const columns = <u32>count(command, 5)
  const threshold = <u32>count(command, 6)
  const factor = real(command, 7)
  const block = count(command, 8)
  const end = <u32>least(count(command, 4), (share + 1) * block)
  for (let t = <u32>(share * block); t < end; t++) {
    const u = ((t % modulus) * k0 + (t / modulus) * k1 + k2) % modulus
    const offset = <usize>(t * columns) << 2
    for (let c: u32 = 0; c < columns; c++) {
      const v = ((c % modulus) * k3 + (c / modulus) * k4 + k5) % modulus
      let z = (u + v) % modulus
      z = (z * z + u * k6 + 1) % modulus
      z = (z * z + v * k7 + 1) % modulus
      const at = offset + (<usize>c << 2)
      const kept = (z * z + u) % modulus >= threshold ? load<f32>(place(command, 0) + at) * factor : 0
      store<f32>(place(command, 1) + at, add ? kept + load<f32>(add + at) : kept)
    }
  }
}
