/**
 * NF4 with double quantisation (QLoRA, Dettmers et al. 2023), bit for bit as
 * bitsandbytes makes it: blocks of 64 values share a scale, scales are
 * themselves 8-bit codes in blocks of 256 around their mean.
 *
 * Bytes, each part padded to four: nibbles (the first value of a pair is the
 * high one), one code per block of 64, one float32 per 256 blocks, and the
 * float32 mean of the scales. value = code4[q]·(code8[scale]·scale256 + mean).
 */
import { packedBytes } from '../packedTensor.ts'

/** The 16 levels: quantiles of a normal distribution with an exact zero. */
export const nf4Levels = Float32Array.of(
  -1, -0.6961928009986877, -0.5250730514526367, -0.39491748809814453, -0.28444138169288635, -0.18477343022823334,
  -0.09105003625154495, 0, 0.07958029955625534, 0.16093020141124725, 0.24611230194568634, 0.33791524171829224,
  0.44070982933044434, 0.5626170039176941, 0.7229568362236023, 1,
)

const blockSize = 64
const scaleBlockSize = 256

/** The 256 levels of scales: seven decades, each linearly divided twice as finely as the one below, both signs, 0 and 1. */
export const scaleLevels: Float32Array = makeScaleLevels()

function makeScaleLevels(): Float32Array {
  const levels = [0, 1]
  const { fround } = Math
  for (let decade = 0; decade < 7; decade++) {
    const intervals = 2 ** decade
    const step = fround(fround(1 - fround(0.1)) / intervals)
    const edge = (i: number): number =>
      // As torch.linspace: from whichever end is nearer, rounded once.
      i < (intervals + 1) / 2 ? fround(fround(0.1) + step * i) : fround(1 - step * (intervals - i))
    for (let i = 0; i < intervals; i++) {
      const level = fround(fround(10 ** (decade - 6)) * fround(fround(edge(i) + edge(i + 1)) / 2))
      levels.push(level, -level)
    }
  }
  return Float32Array.from(levels).sort()
}

/** Where the parts of a packed tensor of `values` values begin, in bytes. */
export function nf4Parts(values: number): { blocks: number; codes: number; scales: number; mean: number } {
  const blocks = Math.ceil(values / blockSize)
  const mean = packedBytes('nf4', [values]) - 4
  const scales = mean - 4 * Math.ceil(blocks / scaleBlockSize)
  return { blocks, codes: Math.ceil(Math.ceil(values / 2) / 4) * 4, scales, mean }
}

export function unpackNf4(bytes: Uint8Array, out: Float32Array): void {
  const parts = nf4Parts(out.length)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const mean = view.getFloat32(parts.mean, true)
  for (let block = 0; block < parts.blocks; block++) {
    const scale256 = view.getFloat32(parts.scales + 4 * Math.floor(block / scaleBlockSize), true)
    const scale = Math.fround(Math.fround(scaleLevels[bytes[parts.codes + block]] * scale256) + mean)
    const end = Math.min(out.length, (block + 1) * blockSize)
    for (let i = block * blockSize; i < end; i++) {
      const pair = bytes[i >> 1]
      out[i] = nf4Levels[i & 1 ? pair & 15 : pair >> 4] * scale
    }
  }
}

export function quantizeNf4(values: Float32Array, bytes: Uint8Array): void {
  const parts = nf4Parts(values.length)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const scales = new Float32Array(parts.blocks)
  for (let block = 0; block < parts.blocks; block++) {
    const start = block * blockSize
    const end = Math.min(values.length, start + blockSize)
    scales[block] = largestMagnitude(values, start, end)
    for (let i = start; i < end; i++) {
      const level = scales[block] ? nearest(nf4Levels, Math.fround(values[i] / scales[block])) : 7
      bytes[i >> 1] |= i & 1 ? level : level << 4
    }
  }
  const mean = Math.fround(scales.reduce((sum, scale) => sum + scale, 0) / parts.blocks)
  view.setFloat32(parts.mean, mean, true)
  const centred = scales.map((scale) => scale - mean)
  for (let start = 0, group = 0; start < parts.blocks; start += scaleBlockSize, group++) {
    const end = Math.min(parts.blocks, start + scaleBlockSize)
    const largest = largestMagnitude(centred, start, end)
    view.setFloat32(parts.scales + 4 * group, largest, true)
    for (let block = start; block < end; block++) {
      bytes[parts.codes + block] = nearest(scaleLevels, largest ? onGrid(Math.fround(centred[block] / largest)) : 0)
    }
  }
}

function largestMagnitude(values: Float32Array, start: number, end: number): number {
  let largest = 0
  for (let i = start; i < end; i++) largest = Math.max(largest, Math.abs(values[i]))
  return largest
}

/** bitsandbytes looks scales up in a table of 65,536 places between -1 and 1. */
function onGrid(value: number): number {
  return (Math.round(((value + 1) / 2) * 65535) / 65535) * 2 - 1
}

/** The index of the level nearest to a value; levels ascend. */
function nearest(levels: Float32Array, value: number): number {
  let low = 0
  let high = levels.length - 1
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if (levels[middle] <= value) low = middle
    else high = middle
  }
  return value - levels[low] > levels[high] - value ? high : low
}
