/** Repeats a piece of WGSL: loops are written out, since shader compilers do not unroll them. */
export function repeat(count: number, piece: (i: number) => string): string {
  return Array.from({ length: count }, (_, i) => piece(i)).join('\n')
}
