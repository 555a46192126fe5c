/** Round axis values for `[low, high]`: at most `count + 1` of them, steps of 1, 2 or 5. */
export function ticks(low: number, high: number, count = 4): number[] {
  const span = high - low
  if (!(span > 0)) return [low]
  const raw = span / count
  const power = 10 ** Math.floor(Math.log10(raw))
  const step = power * ([1, 2, 5, 10].find((factor) => factor * power >= raw) ?? 10)
  const out: number[] = []
  for (let value = Math.ceil(low / step) * step; value <= high + step * 1e-9; value += step) out.push(Number(value.toPrecision(12)))
  return out
}
