import type { Binding, Dispatch } from '../../../ops/kernel.ts'

/** A kernel's WGSL with its bindings declared, which is also its pipeline's key. */
export function shaderText({ bindings, directives = [], code }: Pick<Dispatch, 'bindings' | 'directives' | 'code'>): string {
  const space = ({ uniform, write }: Binding) => (uniform ? 'uniform' : write ? 'storage, read_write' : 'storage, read')
  const declarations = bindings.map((binding, i) => `@group(0) @binding(${i}) var<${space(binding)}> ${binding.name}: ${binding.type};`)
  return [...new Set(directives), ...declarations, code].join('\n')
}

/** A shader that the device refused; a defect of the kernel. */
export class ShaderError extends Error {
  override readonly name = 'ShaderError'
  constructor(kernel: string, { message }: { message: string }, text: string) {
    super(`The device refused the kernel ${kernel}: ${message}\n${namedLines(message, text)}`)
  }
}

/** The lines that the compiler's message names (`:12:5 error`), with one before and after. */
function namedLines(message: string, text: string): string {
  const named = [...message.matchAll(/:(\d+):\d+ error/g)].map((match) => Number(match[1]))
  return text.split('\n').map((line, i) => `${i + 1}: ${line}`)
    .filter((_, i) => named.some((at) => Math.abs(at - i - 1) <= 1)).join('\n')
}

export interface Pipeline {
  pipeline: GPUComputePipeline
  layout: GPUBindGroupLayout
}

const bufferTypes = { u: 'uniform', w: 'storage', r: 'read-only-storage' } as const

/** Compiled kernels of one device, each text once. */
export class PipelineCache {
  private readonly device: GPUDevice
  private readonly layouts = new Map<string, GPUBindGroupLayout>()
  private readonly pipelines = new Map<string, Promise<Pipeline>>()

  private static readonly caches = new WeakMap<GPUDevice, PipelineCache>()

  /** The device's cache, shared by all executors on it. */
  static of(device: GPUDevice): PipelineCache {
    const cache = this.caches.get(device) ?? new PipelineCache(device)
    this.caches.set(device, cache)
    return cache
  }

  private constructor(device: GPUDevice) {
    this.device = device
  }

  get(dispatch: Dispatch): Promise<Pipeline> {
    const text = shaderText(dispatch)
    const known = this.pipelines.get(text) ?? this.compile(dispatch, text)
    this.pipelines.set(text, known)
    return known
  }

  /** How many kernels were compiled. */
  get size(): number {
    return this.pipelines.size
  }

  private async compile({ name, bindings }: Dispatch, code: string): Promise<Pipeline> {
    const layout = this.layout(bindings.map(({ write, uniform }) => (uniform ? 'u' : write ? 'w' : 'r')).join(''))
    this.device.pushErrorScope('validation')
    const module = this.device.createShaderModule({ code, label: name })
    const problem = this.device.popErrorScope()
    try {
      const pipeline = await this.device.createComputePipelineAsync({
        label: name,
        layout: this.device.createPipelineLayout({ bindGroupLayouts: [layout] }),
        compute: { module, entryPoint: 'main' },
      })
      return { pipeline, layout }
    } catch (error) {
      throw new ShaderError(name, (await problem) ?? (error as Error), code)
    }
  }

  private layout(accesses: string): GPUBindGroupLayout {
    const known = this.layouts.get(accesses) ?? this.device.createBindGroupLayout({
      entries: [...accesses].map((access, binding) => ({
        binding,
        visibility: GPUShaderStage.COMPUTE,
        buffer: { type: bufferTypes[access as keyof typeof bufferTypes] },
      })),
    })
    this.layouts.set(accesses, known)
    return known
  }
}
