import type { Binding, BufferRef, Dispatch, Kernel, KernelContext } from '../kernel.ts'
import { dropout } from '../wgsl/dropout.ts'
import { matmul } from '../wgsl/matmul.ts'
import type { Matmul, Product } from '../wgsl/matmul.ts'
import { floatOperand, floatReader, floatType, gradientScale } from '../wgsl/operand.ts'
import { Sizes } from '../wgsl/sizes.ts'
import { weightOperand } from '../wgsl/weightOperand.ts'

/**
 * xa = dropout(x)·aᵀ is a small product of its own; then W·x and b·xa add up in
 * one kernel, so that W + BA never exists and y is written once.
 */
export const linearKernel: Kernel<'linear'> = (context) => {
  const { attrs, inputs, outputs, shapes, scratch, parts } = context
  const { x, a, b, w } = inputs
  const [tokens, depth] = shapes.x
  const [out] = shapes.w
  const rank = a ? shapes.a[0] : 0
  const xa = a ? outputs.xa ?? scratch('xa', tokens * rank) : null
  const dispatches: Dispatch[] = []
  if (xa) {
    const sizes = new Sizes()
    const drop = dropoutOf(context)
    dispatches.push(...matmul(context, {
      name: 'linear.xa', rows: tokens, columns: rank, sizes,
      products: [{
        left: floatOperand({ name: 'x', buffer: x, columns: depth, along: 'depth', size: sizes.of, ...drop?.operand }),
        right: floatOperand({ name: 'a', buffer: a, columns: depth, along: 'depth', size: sizes.of }),
        depth,
      }],
      target: { name: 'xa', buffer: xa },
      value: 'acc',
      prologue: drop?.parts.prologue,
    }))
  }
  if (!outputs.y) return dispatches
  for (const part of parts(w)) {
    const sizes = new Sizes()
    const products: Product[] = [{
      left: floatOperand({ name: 'x', buffer: x, columns: depth, along: 'depth', size: sizes.of }),
      right: weightOperand('w', w, part, depth, 'depth', sizes.of),
      depth,
    }]
    if (xa) {
      products.push({
        left: floatOperand({ name: 'xa', buffer: xa, columns: rank, along: 'depth', size: sizes.of, map: (value) => `(${value} * ${attrs.scale}f)` }),
        right: floatOperand({ name: 'b', buffer: b, columns: rank, along: 'depth', size: sizes.of, firstRow: part.first }),
        depth: rank,
      })
    }
    dispatches.push(...matmul(context, {
      name: 'linear.y', rows: tokens, columns: part.count, sizes, products,
      ...adding('acc', [
        ...(inputs.add ? [{ name: 'before', buffer: inputs.add, row: 'row' }] : []),
        ...(inputs.bias ? [{ name: 'bias', buffer: inputs.bias, row: '0u' }] : []),
      ], { name: 'y', buffer: outputs.y }, out, sizes),
      within: { stride: out, offset: part.first },
    }))
  }
  return dispatches
}

/**
 * dyb and dx first, dx accumulating what the layers that share the input gave;
 * then the adapters' gradients as sums over tokens.
 */
export const linearBackwardKernel: Kernel<'linearBackward'> = (context) => {
  const { attrs, inputs, outputs, shapes, scratch } = context
  const { dy, x, a, b, xa } = inputs
  const [tokens, out] = shapes.dy
  const [, depth] = shapes.w
  const rank = a ? shapes.a[0] : 0
  const dispatches: Dispatch[] = []
  const dyb = a && (outputs.dx || outputs.da) ? scratch('dyb', tokens * rank) : null
  if (dyb) {
    const sizes = new Sizes()
    dispatches.push(...matmul(context, {
      name: 'linearBackward.dyb', rows: tokens, columns: rank, sizes,
      products: [{
        left: floatOperand({ name: 'dy', buffer: dy, columns: out, along: 'depth', size: sizes.of, halfScale: gradientScale }),
        right: floatOperand({ name: 'b', buffer: b, columns: rank, along: 'side', size: sizes.of }),
        depth: out,
      }],
      target: { name: 'dyb', buffer: dyb },
      value: `acc * ${attrs.scale}f`,
    }))
  }
  if (outputs.dx) dispatches.push(...inputGradient(context, dyb))
  if (dyb && outputs.da) {
    const sizes = new Sizes()
    const drop = dropoutOf(context)
    dispatches.push(...matmul(context, {
      name: 'linearBackward.da', rows: rank, columns: depth, sizes,
      products: [{
        left: floatOperand({ name: 'dyb', buffer: dyb, columns: rank, along: 'side', size: sizes.of, halfScale: gradientScale }),
        right: floatOperand({ name: 'x', buffer: x, columns: depth, along: 'side', size: sizes.of, ...drop?.operand }),
        depth: tokens,
      }],
      ...adding('acc', before(inputs.daIn), { name: 'da', buffer: outputs.da }, depth, sizes),
      prologue: drop?.parts.prologue,
    }))
  }
  if (outputs.db) {
    const sizes = new Sizes()
    dispatches.push(...matmul(context, {
      name: 'linearBackward.db', rows: out, columns: rank, sizes,
      products: [{
        left: floatOperand({ name: 'dy', buffer: dy, columns: out, along: 'side', size: sizes.of, halfScale: gradientScale }),
        right: floatOperand({ name: 'xa', buffer: xa, columns: rank, along: 'side', size: sizes.of }),
        depth: tokens,
      }],
      ...adding(`acc * ${attrs.scale}f`, before(inputs.dbIn), { name: 'db', buffer: outputs.db }, rank, sizes),
    }))
  }
  return dispatches
}

/** dx: the LoRA path first, under its dropout mask; then W, part by part. */
function inputGradient(context: KernelContext<'linearBackward'>, dyb: BufferRef | null): Dispatch[] {
  const { inputs, outputs, shapes, parts } = context
  const [tokens, out] = shapes.dy
  const [, depth] = shapes.w
  return parts(inputs.w).flatMap((part, index) => {
    const sizes = new Sizes()
    const drop = index === 0 && dyb ? dropoutOf(context) : null
    const products: Product[] = [{
      left: floatOperand({ name: 'dy', buffer: inputs.dy, columns: out, along: 'depth', size: sizes.of, firstColumn: part.first, halfScale: gradientScale }),
      right: weightOperand('w', inputs.w, part, depth, 'side', sizes.of),
      depth: part.count,
    }]
    if (index === 0 && dyb) {
      const [rank] = shapes.a
      products.unshift({
        left: floatOperand({ name: 'dyb', buffer: dyb, columns: rank, along: 'depth', size: sizes.of, halfScale: gradientScale }),
        right: floatOperand({ name: 'a', buffer: inputs.a, columns: depth, along: 'side', size: sizes.of }),
        depth: rank,
        ...(drop ? { after: 'acc *= dropout_at(row, column);' } : {}),
      })
    }
    return matmul(context, {
      name: 'linearBackward.dx', rows: tokens, columns: depth, sizes, products,
      ...adding('acc', before(index ? outputs.dx : inputs.dxIn), { name: 'dx', buffer: outputs.dx }, depth, sizes, drop?.parts),
    })
  })
}

type Extra = Required<Pick<Matmul, 'bindings' | 'declarations' | 'prologue'>>

function dropoutOf({ attrs, inputs, constant }: KernelContext<'linear' | 'linearBackward'>) {
  if (!attrs.dropout) return null
  const parts: Extra = dropout(attrs.dropout, inputs.keys, constant([attrs.keyRow]))
  const { bindings, declarations } = parts
  const map = (value: string, row: string, column: string) => `(${value} * dropout_at(${row}, ${column}))`
  return { parts, operand: { map, bindings, declarations } }
}

interface Addend {
  name: string
  buffer: BufferRef
  /** Row to read: the result's, or the first for vectors. */
  row: string
}

function before(buffer: BufferRef | undefined): Addend[] {
  return buffer ? [{ name: 'before', buffer, row: 'row' }] : []
}

/** The target with addends of its width; one that is the target itself is read through the target's binding. */
function adding(value: string, addends: Addend[], target: Matmul['target'], columns: number, sizes: Sizes, extra?: Extra) {
  const bindings: Binding[] = [...(extra?.bindings ?? [])]
  const declarations = [extra?.declarations ?? '']
  const terms = addends.map(({ name, buffer, row }) => {
    const inPlace = buffer.id === target.buffer.id && buffer.range?.offset === target.buffer.range?.offset
    const source = inPlace ? target.name : name
    if (!inPlace) bindings.push({ name, type: floatType(columns), buffer })
    declarations.push(floatReader(source, columns, sizes.of))
    return ` + ${source}_at(${row}, column)`
  })
  return { target, bindings, declarations: declarations.join('\n'), value: value + terms.join(''), prologue: extra?.prologue }
}
