/** What the kernels share: fused multiply-adds, sums of lanes, the exponential. */

/** a·b + c; fused where this build may use relaxed SIMD. */
@inline export function multiplyAdd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c)
  return f32x4.add(f32x4.mul(a, b), c)
}

@inline export function sumOf(a: v128): f32 {
  const pairs = f32x4.add(a, v128.shuffle<f32>(a, a, 2, 3, 0, 1))
  return f32x4.extract_lane(pairs, 0) + f32x4.extract_lane(pairs, 1)
}

@inline export function largestOf(a: v128): f32 {
  const pairs = f32x4.max(a, v128.shuffle<f32>(a, a, 2, 3, 0, 1))
  return max(f32x4.extract_lane(pairs, 0), f32x4.extract_lane(pairs, 1))
}

/** The sums of four vectors' lanes, in one vector. */
@inline export function sumsOf(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = f32x4.add(v128.shuffle<f32>(a, b, 0, 4, 1, 5), v128.shuffle<f32>(a, b, 2, 6, 3, 7))
  const cd = f32x4.add(v128.shuffle<f32>(c, d, 0, 4, 1, 5), v128.shuffle<f32>(c, d, 2, 6, 3, 7))
  return f32x4.add(v128.shuffle<f32>(ab, cd, 0, 1, 4, 5), v128.shuffle<f32>(ab, cd, 2, 3, 6, 7))
}

/** The first `lanes` (1 to 3) numbers at an address, then zeros. */
@inline export function loadPart(address: usize, lanes: i32): v128 {
  if (lanes == 1) return v128.load32_zero(address)
  const two = v128.load64_zero(address)
  return lanes == 2 ? two : v128.load_lane<f32>(address, two, 2, 8)
}

@inline export function storePart(address: usize, value: v128, lanes: i32): void {
  store<f32>(address, f32x4.extract_lane(value, 0))
  if (lanes > 1) store<f32>(address, f32x4.extract_lane(value, 1), 4)
  if (lanes > 2) store<f32>(address, f32x4.extract_lane(value, 2), 8)
}

/**
 * e^x of each lane, within 2 ulp; 0 below -87. x = n·ln 2 + r, |r| ≤ ln 2 / 2:
 * the Taylor series of e^r to r^7 (remainder below 1e-8), times 2^n by the exponent's bits.
 */
@inline export function exponential(x: v128): v128 {
  const limited = f32x4.min(f32x4.max(x, f32x4.splat(-87)), f32x4.splat(88))
  const n = f32x4.nearest(f32x4.mul(limited, f32x4.splat(1.44269504)))
  // ln 2 in two parts, the first exact in 9 bits, so that n times it is exact.
  let r = f32x4.sub(limited, f32x4.mul(n, f32x4.splat(0.693359375)))
  r = f32x4.add(r, f32x4.mul(n, f32x4.splat(2.12194440e-4)))
  let p = f32x4.splat(1.9841270e-4)
  p = multiplyAdd(p, r, f32x4.splat(1.3888889e-3))
  p = multiplyAdd(p, r, f32x4.splat(8.3333333e-3))
  p = multiplyAdd(p, r, f32x4.splat(4.1666667e-2))
  p = multiplyAdd(p, r, f32x4.splat(0.16666667))
  p = multiplyAdd(p, r, f32x4.splat(0.5))
  p = multiplyAdd(p, r, f32x4.splat(1))
  p = multiplyAdd(p, r, f32x4.splat(1))
  const power = i32x4.shl(i32x4.add(i32x4.trunc_sat_f32x4_s(n), i32x4.splat(127)), 23)
  return v128.and(f32x4.mul(p, power), f32x4.ge(x, f32x4.splat(-87)))
}

/** e^x of one number. */
@inline export function exponentialOf(x: f32): f32 { return f32x4.extract_lane(exponential(f32x4.splat(x)), 0) }

/** Natural logarithm of a positive number, in double precision: x = m·2^e, ln m = 2·artanh((m − 1) / (m + 1)). */
export function logarithm(x: f64): f64 {
  const bits = reinterpret<i64>(x)
  let e = <f64>((bits >> 52) - 1023)
  let m = reinterpret<f64>((bits & 0x000fffffffffffff) | 0x3ff0000000000000)
  if (m > 1.4142135623730951) {
    m *= 0.5
    e += 1
  }
  const s = (m - 1) / (m + 1)
  const q = s * s
  let sum: f64 = 0
  for (let i = 19; i > 0; i -= 2) sum = sum * q + 1 / <f64>i
  return 2 * s * sum + e * 0.6931471805599453
}
