import { repeat } from '../ops/wgsl/repeat.ts'
import type { Gpu } from './device.ts'

/** What a device reaches at best, as measured; shares in benches and profiles refer to it. */
export interface Peaks {
  /** Float32 multiply-adds in registers, two operations each, per second. */
  flops: number
  /** Bytes read and written per second by a copy kernel. */
  copyBytes: number
}

const accumulators = 16
const rounds = 256

/** Chains of multiply-adds in registers; nothing else is asked of the device. */
const fmaShader = `@group(0) @binding(0) var<storage, read_write> data: array<vec4f>;
@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let x = data[id.x]; let y = data[id.x + 1u];
  ${repeat(accumulators, (i) => `var a${i} = x + f32(${i});`)}
  for (var i = 0u; i < ${rounds}u; i++) { ${repeat(accumulators, (i) => `a${i} = a${i} * x + y;`)} }
  data[id.x] = ${Array.from({ length: accumulators }, (_, i) => `a${i}`).join(' + ')};
}`

const copyShader = `@group(0) @binding(0) var<storage, read_write> target_data: array<vec4f>;
@group(0) @binding(1) var<storage, read> source: array<vec4f>;
@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  for (var i = id.x; i < arrayLength(&source); i += groups.x * 64u) { target_data[i] = source[i]; }
}`

/** Measures both peaks; takes about a second. */
export async function measurePeaks({ device, capabilities }: Gpu): Promise<Peaks> {
  const groups = capabilities.software ? 32 : 4096
  const megabytes = capabilities.software ? 16 : 128
  const usage = GPUBufferUsage.STORAGE
  const a = device.createBuffer({ size: megabytes * 2 ** 20, usage })
  const b = device.createBuffer({ size: megabytes * 2 ** 20, usage })
  const fma = await fastest(device, fmaShader, [a], groups)
  const copy = await fastest(device, copyShader, [a, b], capabilities.software ? 64 : 2048)
  a.destroy()
  b.destroy()
  return { flops: (groups * 64 * rounds * accumulators * 4 * 2) / fma, copyBytes: (2 * megabytes * 2 ** 20) / copy }
}

/** Seconds of the fastest of some runs. */
async function fastest(device: GPUDevice, code: string, buffers: GPUBuffer[], groups: number): Promise<number> {
  const pipeline = await device.createComputePipelineAsync({ layout: 'auto', compute: { module: device.createShaderModule({ code }) } })
  const group = device.createBindGroup({
    layout: pipeline.getBindGroupLayout(0), entries: buffers.map((buffer, binding) => ({ binding, resource: { buffer } })),
  })
  let best = Infinity
  for (let turn = 0; turn < 6; turn++) {
    const encoder = device.createCommandEncoder()
    const pass = encoder.beginComputePass()
    pass.setPipeline(pipeline)
    pass.setBindGroup(0, group)
    pass.dispatchWorkgroups(groups)
    pass.end()
    const start = performance.now()
    device.queue.submit([encoder.finish()])
    await device.queue.onSubmittedWorkDone()
    if (turn) best = Math.min(best, (performance.now() - start) / 1000)
  }
  return best
}
