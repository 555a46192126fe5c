/** Just enough of WebAssembly's binary format (specification 2.0 and relaxed SIMD) to write down a kernel. */

export type Code = number[]

/** Unsigned LEB128. */
export function unsigned(value: number): Code {
  const bytes: Code = []
  do {
    const low = value % 128
    value = Math.floor(value / 128)
    bytes.push(value ? low + 128 : low)
  } while (value)
  return bytes
}

/** Signed LEB128 of a small number. */
export function signed(value: number): Code {
  const bytes: Code = []
  for (;;) {
    const low = value & 127
    value >>= 7
    const done = (value === 0 && !(low & 64)) || (value === -1 && (low & 64) !== 0)
    bytes.push(done ? low : low | 128)
    if (done) return bytes
  }
}

const simd = (opcode: number, ...rest: Code): Code => [0xfd, ...unsigned(opcode), ...rest]
const access = (offset: number): Code => [0, ...unsigned(offset)]

/** Instructions, by their names in the specification. */
export const op = {
  get: (local: number): Code => [0x20, ...unsigned(local)],
  set: (local: number): Code => [0x21, ...unsigned(local)],
  const: (value: number): Code => [0x41, ...signed(value)],
  add: [0x6a],
  sub: [0x6b],
  /** Repeats its body while the value that it leaves is not zero. */
  repeatWhile: (body: Code): Code => [0x03, 0x40, ...body, 0x0d, 0, 0x0b],
  loadVector: (offset: number): Code => simd(0x00, ...access(offset)),
  loadSplat: (offset: number): Code => simd(0x09, ...access(offset)),
  storeVector: (offset: number): Code => simd(0x0b, ...access(offset)),
  addVector: simd(0xe4),
  multiplyVector: simd(0xe6),
  /** a·b + c, fused where the processor can. */
  relaxedMultiplyAdd: simd(0x105),
}

export interface WasmFunction {
  name: string
  /** Number of i32 parameters; they are the first locals. */
  parameters: number
  /** Number of i32 locals after the parameters. */
  integers: number
  /** Number of v128 locals after those. */
  vectors: number
  body: Code
}

/** A module of functions over one imported memory `env.memory`. */
export function wasmModule(functions: readonly WasmFunction[], memory: { maximumPages: number; shared: boolean }): Uint8Array<ArrayBuffer> {
  const text = (value: string): Code => [...unsigned(value.length), ...new TextEncoder().encode(value)]
  const vector = (items: readonly Code[]): Code => [...unsigned(items.length), ...items.flat()]
  const section = (id: number, content: Code): Code => [id, ...unsigned(content.length), ...content]
  const bodies = functions.map(({ integers, vectors, body }) => {
    const content = [...vector([[...unsigned(integers), 0x7f], [...unsigned(vectors), 0x7b]]), ...body, 0x0b]
    return [...unsigned(content.length), ...content]
  })
  return Uint8Array.from([
    0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0,
    ...section(1, vector(functions.map(({ parameters }) => [0x60, ...unsigned(parameters), ...new Array<number>(parameters).fill(0x7f), 0]))),
    ...section(2, vector([[...text('env'), ...text('memory'), 2, memory.shared ? 3 : 1, 1, ...unsigned(memory.maximumPages)]])),
    ...section(3, vector(functions.map((_, i) => unsigned(i)))),
    ...section(7, vector(functions.map(({ name }, i) => [...text(name), 0, ...unsigned(i)]))),
    ...section(10, vector(bodies)),
  ])
}
