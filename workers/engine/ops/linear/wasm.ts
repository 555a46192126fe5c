import { opDropout } from '../../backend/wasm/assembly/operations.ts'
import { blocks, float } from '../wasmKernel.ts'
import type { WasmKernel, WasmKernelContext } from '../wasmKernel.ts'
import { dropoutScale, dropoutThreshold } from './dropout.ts'
import { matrix, product, transposed } from './wasmProduct.ts'

export const linearWasm: WasmKernel<'linear'> = (context) => {
  const { attrs, shapes, at, scratch } = context
  const [rows, depth] = shapes.x
  const [columns] = shapes.w
  const y = at('y')
  if (y) {
    product(context, {
      rows, columns, depth, left: matrix(at('x'), depth), right: transposed(matrix(at('w'), depth)), result: y, add: at('add'), bias: at('bias'),
    })
  }
  if (!shapes.a) return
  const [rank] = shapes.a
  const xa = at('xa') || scratch(rows * rank)
  product(context, { rows, columns: rank, depth, left: matrix(dropped(context, rows, depth), depth), right: transposed(matrix(at('a'), depth)), result: xa })
  if (!y) return
  product(context, {
    rows, columns, depth: rank, left: matrix(xa, rank), right: transposed(matrix(at('b'), rank)), result: y, add: y, factor: attrs.scale,
  })
}

export const linearBackwardWasm: WasmKernel<'linearBackward'> = (context) => {
  const { attrs, shapes, at, scratch } = context
  const [tokens, out] = shapes.dy
  const [, inputs] = shapes.w
  const dy = matrix(at('dy'), out)
  const dx = at('dx')
  if (dx) product(context, { rows: tokens, columns: inputs, depth: out, left: dy, right: matrix(at('w'), inputs), result: dx, add: at('dxIn') })
  if (!shapes.a) return
  const [rank] = shapes.a
  const dyb = scratch(tokens * rank)
  if (dx || at('da')) {
    product(context, { rows: tokens, columns: rank, depth: out, left: dy, right: matrix(at('b'), rank), result: dyb, factor: attrs.scale })
  }
  if (dx) {
    const path = { rows: tokens, columns: inputs, depth: rank, left: matrix(dyb, rank), right: matrix(at('a'), inputs) }
    if (attrs.dropout) {
      const whole = scratch(tokens * inputs)
      product(context, { ...path, result: whole })
      drop(context, whole, dx, tokens, inputs, dx)
    } else product(context, { ...path, result: dx, add: dx })
  }
  if (at('da')) {
    const x = matrix(dropped(context, tokens, inputs), inputs)
    product(context, { rows: rank, columns: inputs, depth: tokens, left: transposed(matrix(dyb, rank)), right: x, result: at('da'), add: at('daIn') })
  }
  if (at('db')) {
    product(context, {
      rows: out, columns: rank, depth: tokens, left: transposed(dy), right: matrix(at('xa'), rank),
      result: at('db'), add: at('dbIn'), factor: attrs.scale,
    })
  }
}

type Context = WasmKernelContext<'linear'> | WasmKernelContext<'linearBackward'>

/** Address of dropout(x); of x itself where nothing is dropped. */
function dropped(context: Context, rows: number, columns: number): number {
  const x = context.at('x')
  if (!context.attrs.dropout) return x
  const result = context.scratch(rows * columns)
  drop(context, x, result, rows, columns)
  return result
}

/** y = mask∘x + add */
function drop({ attrs, at, command }: Context, x: number, y: number, rows: number, columns: number, add = 0): void {
  const block = 16
  command(opDropout, blocks(rows, block), [
    x, y, at('keys') + 32 * attrs.keyRow, add, rows, columns, dropoutThreshold(attrs.dropout), float(dropoutScale(attrs.dropout)), block,
  ])
}
