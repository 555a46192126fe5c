import { nf4Levels, nf4Parts, scaleLevels } from '../../../weights/formats/nf4.ts'
import { literal } from '../sizes.ts'
import type { DeviceFormat } from './deviceFormat.ts'

const blockValues = 64
const groupBlocks = 256

/** Blocks of a part, and what its words are: nibbles, block codes, group scales, the mean, the 256 levels of scales. */
function layout(rows: number, columns: number, first: number) {
  const values = rows * columns
  const blocks = Math.ceil(values / blockValues)
  const firstBlock = (first * columns) / blockValues
  const firstGroup = Math.floor(firstBlock / groupBlocks)
  const groups = Math.ceil((firstBlock + blocks) / groupBlocks) - firstGroup
  const codes = Math.ceil(values / 8)
  const scales = codes + Math.ceil(blocks / 4)
  const mean = scales + groups
  return { blocks, firstBlock, firstGroup, groups, codes, scales, mean, levels: mean + 1, words: mean + 1 + scaleLevels.length }
}

/**
 * NF4 with double quantisation, both levels undone inside the kernel. A
 * part's groups of 256 blocks are numbered as the whole tensor's, so a part may
 * begin in the middle of one.
 */
export const nf4: DeviceFormat = {
  type: () => 'array<u32>',
  // One group more than needed at most, so that a part's size does not depend on where it begins.
  words: (rows, columns) => layout(rows, columns, 0).words + 1,
  rowStep: (columns) => blockValues / greatestCommonDivisor(columns, blockValues),
  pack: (bytes, [rows, columns], first, count) => {
    const parts = nf4Parts(rows * columns)
    const to = layout(count, columns, first)
    const out = new Uint32Array(nf4.words(count, columns))
    const octets = new Uint8Array(out.buffer)
    octets.set(bytes.subarray((first * columns) / 2, Math.ceil(((first + count) * columns) / 2)))
    octets.set(bytes.subarray(parts.codes + to.firstBlock, parts.codes + to.firstBlock + to.blocks), to.codes * 4)
    const scales = parts.scales + to.firstGroup * 4
    octets.set(bytes.subarray(scales, scales + to.groups * 4), to.scales * 4)
    octets.set(bytes.subarray(parts.mean, parts.mean + 4), to.mean * 4)
    new Float32Array(out.buffer, to.levels * 4, scaleLevels.length).set(scaleLevels)
    return out
  },
  reader: (name, { first, count }, columns, size = literal) => {
    const at = layout(count, columns, first)
    const level = (shift: number) => `${name}_levels[(half >> ${shift}u) & 15u]`
    return `const ${name}_levels = array<f32, 16>(${[...nf4Levels].map((value) => `${value}f`).join(', ')});
fn ${name}_at(row: u32, column: u32) -> vec4f {
  let i = row * ${size(columns)} + column;
  let half = ${name}[i / 8u] >> ((i % 8u) * 4u);
  let block = i / ${blockValues}u;
  let code = (${name}[${size(at.codes)} + block / 4u] >> ((block % 4u) * 8u)) & 255u;
  let group = bitcast<f32>(${name}[${size(at.scales)} + (block + ${size(at.firstBlock % groupBlocks)}) / ${groupBlocks}u]);
  let scale = bitcast<f32>(${name}[${size(at.levels)} + code]) * group + bitcast<f32>(${name}[${size(at.mean)}]);
  return scale * vec4f(${[4, 0, 12, 8].map(level).join(', ')});
}`
  },
}

function greatestCommonDivisor(a: number, b: number): number {
  return b ? greatestCommonDivisor(b, a % b) : a
}
