import type { Binding, BufferRef, Dispatch } from '../kernel.ts'
import { Sizes } from './sizes.ts'
import type { Constant } from './sizes.ts'

const workgroup = 64
/** WebGPU's guaranteed number of workgroups in one dimension. */
const widest = 65535

/** Workgroups for `count` invocations, folded into two dimensions where one is too short. */
export function workgroupsFor(count: number): [number, number, number] {
  const groups = Math.ceil(count / workgroup)
  if (groups <= widest) return [groups, 1, 1]
  const rows = Math.ceil(groups / widest)
  return [Math.ceil(groups / rows), rows, 1]
}

/** WGSL: an entry point in which `i` runs from 0 to `count` - 1; `sizes` (also the body's) are data, not text. */
export function forEach(count: number, body: string, sizes: Sizes): string {
  const width = sizes.of(workgroupsFor(count)[0] * workgroup)
  const end = sizes.of(count)
  return `${sizes.declarations}
@compute @workgroup_size(${workgroup})
fn main(@builtin(global_invocation_id) id: vec3u) {
  ${sizes.prologue}
  let i = id.x + id.y * ${width};
  if (i >= ${end}) { return; }
  ${body}
}`
}

/**
 * Bindings without aliases: where an output is an input's own buffer (in
 * place), both get the output's binding, since WebGPU allows a buffer that is
 * written to be bound only once.
 *
 * @returns the bindings, and the name under which each given one is found.
 */
export function bindOnce(bindings: Binding[]): { bindings: Binding[]; nameOf: (name: string) => string } {
  const byId = new Map<string, Binding>()
  const place = ({ buffer }: Binding) => `${buffer.id}@${buffer.range?.offset ?? 0}`
  for (const binding of [...bindings].sort((a, b) => Number(b.write ?? false) - Number(a.write ?? false))) {
    const first = byId.get(place(binding))
    if (!first) byId.set(place(binding), binding)
    else if (first.type !== binding.type) throw new Error(`${binding.name} and ${first.name} share a buffer but not a type.`)
  }
  return {
    bindings: [...byId.values()],
    nameOf: (name) => byId.get(place(bindings.find((binding) => binding.name === name)!))!.name,
  }
}

export interface Elementwise {
  name: string
  /** Floats in each buffer. */
  count: number
  inputs: Record<string, BufferRef>
  /** Per output its WGSL expression in the inputs' names, each of type F (f32 or vec4f). */
  outputs: Record<string, { buffer: BufferRef; value: string }>
  /** WGSL before the outputs; sees the inputs' names, `i` and the type F. */
  prepare?: string
  /** Further bindings and functions. */
  bindings?: Binding[]
  declarations?: string
  flops?: number
}

/** One pass over buffers of equal size, four floats per invocation where they divide. */
export function elementwise(constant: Constant, spec: Elementwise): Dispatch {
  const sizes = new Sizes()
  const wide = spec.count % 4 === 0
  const type = wide ? 'array<vec4f>' : 'array<f32>'
  const { bindings, nameOf } = bindOnce([
    ...Object.entries(spec.inputs).map(([name, buffer]) => ({ name: `in_${name}`, type, buffer })),
    ...Object.entries(spec.outputs).map(([name, { buffer }]) => ({ name: `out_${name}`, type, buffer, write: true })),
  ])
  const outputs = Object.entries(spec.outputs)
  const body = [
    ...Object.keys(spec.inputs).map((name) => `let ${name} = ${nameOf(`in_${name}`)}[i];`),
    spec.prepare ?? '',
    ...outputs.map(([name, { value }]) => `let result_${name} = ${value};`),
    ...outputs.map(([name]) => `${nameOf(`out_${name}`)}[i] = result_${name};`),
  ].join('\n  ')
  const threads = wide ? spec.count / 4 : spec.count
  const code = forEach(threads, body, sizes)
  return {
    name: spec.name,
    bindings: [...bindings, ...(spec.bindings ?? []), sizes.binding(constant)],
    code: `alias F = ${wide ? 'vec4f' : 'f32'};\n${spec.declarations ?? ''}\n${code}`,
    workgroups: workgroupsFor(threads),
    flops: spec.flops ?? spec.count,
    bytes: 4 * spec.count * (Object.keys(spec.inputs).length + outputs.length),
  }
}
