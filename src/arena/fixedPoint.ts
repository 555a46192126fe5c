/**
 * Fixed-point arithmetic of the contracts, bit for bit.
 *
 * The contracts use Solady's `FixedPointMathLib` (MIT). `expWad` and `lnWad`
 * there are Remco Bloemen's rational approximations (https://2π.com/22/exp-ln);
 * they round in their own way, so the twin has to take the very same steps. All
 * values are bigint; a wad is a number times 10^18. Nothing here wraps at 256
 * bits within the domains the arena uses.
 */
export const WAD = 10n ** 18n
/** Parts of a whole in basis points. */
export const BPS = 10_000n

const LN2_96 = 54916777467707473351141471128n
/** Below this, e^x is under half a wei of a wad and becomes 0. */
const EXP_MIN = -41446531673892822313n
const EXP_MAX = 135305999368893231589n

/** floor(x·y / d) for non-negative numbers. */
export const mulDiv = (x: bigint, y: bigint, d: bigint): bigint => (x * y) / d

/** ceil(x·y / d) for non-negative numbers. */
export const mulDivUp = (x: bigint, y: bigint, d: bigint): bigint => (x * y + d - 1n) / d

/** floor(x·y / 10^18). */
export const mulWad = (x: bigint, y: bigint): bigint => (x * y) / WAD

/** floor(x·10^18 / y). */
export const divWad = (x: bigint, y: bigint): bigint => (x * WAD) / y

/**
 * e^x, both in wads.
 * @throws RangeError where the contract reverts with `ExpOverflow`.
 */
export function expWad(x: bigint): bigint {
  if (x <= EXP_MIN) return 0n
  if (x >= EXP_MAX) throw new RangeError(`exp(${x}) does not fit a signed 256-bit wad.`)
  x = (x << 78n) / 5n ** 18n
  const k = ((x << 96n) / LN2_96 + (1n << 95n)) >> 96n
  x -= k * LN2_96

  let y = x + 1346386616545796478920950773328n
  y = ((y * x) >> 96n) + 57155421227552351082224309758442n
  let p = y + x - 94201549194550492254356042504812n
  p = ((p * y) >> 96n) + 28719021644029726153956944680412240n
  p = p * x + (4385272521454847904659076985693276n << 96n)

  let q = x - 2855989394907223263936484059900n
  q = ((q * x) >> 96n) + 50020603652535783019961831881945n
  q = ((q * x) >> 96n) - 533845033583426703283633433725380n
  q = ((q * x) >> 96n) + 3604857256930695427073651918091429n
  q = ((q * x) >> 96n) - 14423608567350463180887372962807573n
  q = ((q * x) >> 96n) + 26449188498355588339934803723976023n

  return ((p / q) * 3822833074963236453042738258902158003155416615667n) >> (195n - k)
}

/**
 * ln x, both in wads.
 * @throws RangeError where the contract reverts with `LnWadUndefined`.
 */
export function lnWad(x: bigint): bigint {
  if (x <= 0n) throw new RangeError(`ln(${x}) is not defined.`)
  const log2 = BigInt(x.toString(2).length - 1)
  // Into (1, 2)·2^96.
  x = log2 >= 96n ? x >> (log2 - 96n) : x << (96n - log2)

  let p = x + 3273285459638523848632254066296n
  p = ((p * x) >> 96n) + 24828157081833163892658089445524n
  p = ((p * x) >> 96n) + 43456485725739037958740375743393n
  p = ((p * x) >> 96n) - 11111509109440967052023855526967n
  p = ((p * x) >> 96n) - 45023709667254063763336534515857n
  p = ((p * x) >> 96n) - 14706773417378608786704636184526n
  p = p * x - (795164235651350426258249787498n << 96n)

  let q = x + 5573035233440673466300451813936n
  q = ((q * x) >> 96n) + 71694874799317883764090561454958n
  q = ((q * x) >> 96n) + 283447036172924575727196451306956n
  q = ((q * x) >> 96n) + 401686690394027663651624208769553n
  q = ((q * x) >> 96n) + 204048457590392012362485061816622n
  q = ((q * x) >> 96n) + 31853899698501571402653359427138n
  q = ((q * x) >> 96n) + 909429971244387300277376558375n

  let r = (p / q) * 1677202110996718588342820967067443963516166n
  r += 16597577552685614221487285958193947469193820559219878177908093499208371n * (log2 - 96n)
  r += 600920179829731861736702779321621459595472258049074101567377883020018308n
  return r >> 174n
}

/** x^y = e^(y·ln x), all in wads, x > 0; the inner division truncates towards zero as in the EVM. */
export const powWad = (x: bigint, y: bigint): bigint => expWad((lnWad(x) * y) / WAD)

/** x^n for a wad and a whole number by squaring; every product is rounded to the nearest, halves up. */
export function rpow(x: bigint, n: number): bigint {
  if (x === 0n) return n === 0 ? WAD : 0n
  const half = WAD / 2n
  let z = n % 2 === 1 ? x : WAD
  for (let y = Math.floor(n / 2); y > 0; y = Math.floor(y / 2)) {
    x = (x * x + half) / WAD
    if (y % 2 === 1) z = (z * x + half) / WAD
  }
  return z
}
