import { count, least, place, real } from './command'

/** x, partial sums (f64 per share); elements; block. */
export function squares(command: usize, share: i32): void {
  const block = count(command, 3)
  const end = least(count(command, 2), (share + 1) * block)
  let sum: f64 = 0
  for (let i = share * block; i < end; i++) {
    const value = <f64>load<f32>(place(command, 0) + (<usize>i << 2))
    sum += value * value
  }
  store<f64>(place(command, 1) + (<usize>share << 3), sum)
}

/** partial sums; how many; loss; report [2] = (norm, loss). */
export function norm(command: usize): void {
  let sum: f64 = 0
  for (let i = 0; i < count(command, 1); i++) sum += load<f64>(place(command, 0) + (<usize>i << 3))
  const report = place(command, 3)
  store<f32>(report, <f32>Math.sqrt(sum))
  store<f32>(report, load<f32>(place(command, 2)), 4)
}

/** parametersIn, gradient, mIn, vIn, report, settings, parameters, m, v; elements; beta1, beta2, epsilon; group; block. As in `ops/adamW`. */
export function adamW(command: usize, share: i32): void {
  const settings = place(command, 5)
  const rate = load<f32>(settings + (<usize>count(command, 13) << 2))
  const correction1 = load<f32>(settings, 8)
  const correction2 = load<f32>(settings, 12)
  const decay = load<f32>(settings, 16)
  const clip = load<f32>(settings, 20)
  const factor: f32 = clip > 0 ? min<f32>(1, clip / (load<f32>(place(command, 4)) + 1e-6)) : 1
  const beta1 = real(command, 10)
  const beta2 = real(command, 11)
  const epsilon = real(command, 12)
  const block = count(command, 14)
  const root: f32 = sqrt(correction2)
  const end = least(count(command, 9), (share + 1) * block)
  for (let i = share * block; i < end; i++) {
    const at = <usize>i << 2
    const g = load<f32>(place(command, 1) + at) * factor
    const m = load<f32>(place(command, 2) + at) * beta1 + g * (1 - beta1)
    const v = load<f32>(place(command, 3) + at) * beta2 + g * g * (1 - beta2)
    const p = load<f32>(place(command, 0) + at) * (1 - rate * decay)
    store<f32>(place(command, 6) + at, p - (m / (sqrt(v) / root + epsilon)) * (rate / correction1))
    store<f32>(place(command, 7) + at, m)
    store<f32>(place(command, 8) + at, v)
  }
}
