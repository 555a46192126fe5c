import type { BufferRef, Dispatch, Kernel, KernelContext } from '../kernel.ts'
import { dropout } from '../wgsl/dropout.ts'
import { tiled } from '../wgsl/matmul.ts'
import type { Matmul, Product } from '../wgsl/matmul.ts'
import { floatOperand, floatReader, floatType } from '../wgsl/operand.ts'
import { weightOperand } from '../wgsl/weightOperand.ts'

/**
 * xa = dropout(x)·aᵀ is a small product of its own; then W·x and b·xa add up in
 * one kernel, so that W + BA never exists and y is written once.
 */
export const linearKernel: Kernel<'linear'> = (context) => {
  const { attrs, inputs, outputs, shapes, scratch, parts } = context
  const [tokens, depth] = shapes.x
  const [out] = shapes.w
  const dispatches: Dispatch[] = []
  const tail: Product[] = []
  if (inputs.a) {
    const rank = shapes.a[0]
    const xa = outputs.xa ?? scratch('xa', tokens * rank)
    const drop = dropoutOf(context)
    dispatches.push(tiled(context, {
      name: 'linear.xa',
      rows: tokens,
      columns: rank,
      products: [{
        left: floatOperand('x', inputs.x, depth, 'depth', drop?.map),
        right: floatOperand('a', inputs.a, depth, 'depth'),
        depth,
      }],
      ...plainStore('xa', xa, rank, 'acc', drop),
    }))
    const scaled = (value: string) => `(${value} * ${attrs.scale}f)`
    tail.push({ left: floatOperand('xa', xa, rank, 'depth', scaled), right: floatOperand('b', inputs.b, rank, 'depth'), depth: rank })
  }
  for (const part of parts(inputs.w)) {
    dispatches.push(tiled(context, {
      name: 'linear.y',
      rows: tokens,
      columns: part.count,
      products: [
        { left: floatOperand('x', inputs.x, depth, 'depth'), right: weightOperand('w', inputs.w, part, depth, 'depth'), depth },
        ...tail.map((product) => part.first ? { ...product, right: shifted(product.right, part.first) } : product),
      ],
      ...linearStore(inputs, outputs.y, out),
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
  const { attrs, inputs, outputs, shapes, scratch, parts } = context
  const [tokens, out] = shapes.dy
  const [, depth] = shapes.w
  const dispatches: Dispatch[] = []
  const rank = inputs.a ? shapes.a[0] : inputs.b ? shapes.b[1] : 0
  const dyb = rank ? scratch('dyb', tokens * rank) : null
  if (dyb && (outputs.dx || outputs.da)) {
    dispatches.push(tiled(context, {
      name: 'linearBackward.dyb',
      rows: tokens,
      columns: rank,
      products: [{ left: floatOperand('dy', inputs.dy, out, 'depth'), right: floatOperand('b', inputs.b, rank, 'side'), depth: out }],
      ...plainStore('dyb', dyb, rank, `acc * ${attrs.scale}f`),
    }))
  }
  if (outputs.dx) {
    parts(inputs.w).forEach((part, index) => {
      const first = index === 0
      const drop = first && dyb ? dropoutOf(context) : null
      const lora: Product[] = first && dyb ? [{
        left: floatOperand('dyb', dyb, rank, 'depth'),
        right: floatOperand('a', inputs.a, depth, 'side'),
        depth: rank,
        ...(drop ? { after: 'acc *= dropout_at(row, column);' } : {}),
      }] : []
      const base: Product = {
        left: floatOperand('dy', inputs.dy, out, 'depth', undefined, part.first),
        right: weightOperand('w', inputs.w, part, depth, 'side'),
        depth: part.count,
      }
      const before = first ? inputs.dxIn : outputs.dx
      dispatches.push(tiled(context, {
        name: 'linearBackward.dx', rows: tokens, columns: depth, products: [...lora, base],
        ...accumulatingStore('dx', outputs.dx, before, depth, 'acc', drop),
      }))
    })
  }
  if (dyb && outputs.da) {
    const drop = dropoutOf(context)
    dispatches.push(tiled(context, {
      name: 'linearBackward.da',
      rows: rank,
      columns: depth,
      products: [{ left: floatOperand('dyb', dyb, rank, 'side'), right: floatOperand('x', inputs.x, depth, 'side', drop?.map), depth: tokens }],
      ...accumulatingStore('da', outputs.da, inputs.daIn, depth, 'acc', drop),
    }))
  }
  if (outputs.db) {
    dispatches.push(tiled(context, {
      name: 'linearBackward.db',
      rows: out,
      columns: rank,
      products: [{ left: floatOperand('dy', inputs.dy, out, 'side'), right: floatOperand('xa', inputs.xa, rank, 'side'), depth: tokens }],
      ...accumulatingStore('db', outputs.db, inputs.dbIn, rank, `acc * ${attrs.scale}f`),
    }))
  }
  return dispatches
}

type Store = Pick<Matmul, 'bindings' | 'declarations' | 'value' | 'target' | 'prologue'>
type Dropout = ReturnType<typeof dropout> & { map: (value: string, row: string, column: string) => string }

function dropoutOf({ attrs, inputs, constant }: KernelContext<'linear' | 'linearBackward'>): Dropout | null {
  if (!attrs.dropout) return null
  const made = dropout(attrs.dropout, inputs.keys, constant([attrs.keyRow]))
  return { ...made, map: (value, row, column) => `(${value} * dropout_at(${row}, ${column}))` }
}

function plainStore(name: string, buffer: BufferRef, columns: number, value: string, drop?: Dropout | null): Store {
  return {
    bindings: [{ name, type: floatType(columns), buffer, write: true }, ...(drop?.bindings ?? [])],
    declarations: drop?.declarations ?? '',
    prologue: drop?.prologue,
    value,
    target: name,
  }
}

/** Adds to what `before` holds, in place or from another buffer. */
function accumulatingStore(
  name: string, buffer: BufferRef, before: BufferRef | undefined, columns: number, value: string, drop?: Dropout | null,
): Store {
  const store = plainStore(name, buffer, columns, value, drop)
  if (!before) return store
  const inPlace = before.id === buffer.id && before.range?.offset === buffer.range?.offset
  const source = inPlace ? name : 'before'
  return {
    ...store,
    bindings: [...store.bindings, ...(inPlace ? [] : [{ name: source, type: floatType(columns), buffer: before }])],
    declarations: `${store.declarations}\n${floatReader(source, columns)}`,
    value: `${value} + ${source}_at(row, column)`,
  }
}

/** y gets the bias and the residual where it is stored. */
function linearStore({ bias, add }: Readonly<Record<string, BufferRef>>, y: BufferRef, out: number): Store {
  const store = accumulatingStore('y', y, add, out, 'acc')
  if (!bias) return store
  return {
    ...store,
    bindings: [...store.bindings, { name: 'bias', type: floatType(out), buffer: bias }],
    declarations: `${store.declarations}\n${floatReader('bias', out)}`,
    value: `${store.value} + bias_at(0u, column)`,
  }
}

/** An operand that begins at a later row. */
function shifted(operand: Product['right'], first: number): Product['right'] {
  return { ...operand, load: (side, depth) => operand.load(`(${side} + ${first}u)`, depth) }
}
