/**
 * The one owner of the GPUDevice. Everything that runs on the GPU, tfjs
 * included, gets it from here, so buffers can be shared without copies.
 */

/** What the adapter offers beyond plain WebGPU; kernels choose their variants by it. */
export interface GpuCapabilities {
  /** 16-bit float arithmetic in shaders. */
  f16: boolean
  /** Invocations that run in step and can exchange values; null without the feature. */
  subgroups: { smallest: number; largest: number } | null
  /** Matrix units (`chromium-experimental-subgroup-matrix`); shapes as the adapter lists them. */
  subgroupMatrix: SubgroupMatrixShape[]
  /** GPU-side timestamps, for profiles. */
  timestamps: boolean
  /** A driver that runs shaders on the CPU: what is fast there is not what is fast on a GPU. */
  software: boolean
}

/** One product that the matrix units do: [M, K] x [K, N] of `componentType` into `resultComponentType`. */
export interface SubgroupMatrixShape {
  componentType: string
  resultComponentType: string
  M: number
  N: number
  K: number
}

export interface Gpu {
  device: GPUDevice
  info: GPUAdapterInfo
  capabilities: GpuCapabilities
  /** The device in words, e.g. `SwiftShader (software)`. */
  name: string
  /** Identifies adapter and driver: tuning results are kept under this key. */
  key: string
  /** Bytes of GPU buffers that were asked for and not yet given back, and the most at any time. */
  memory: { now: number; peak: number }
}

/** No WebGPU, or no adapter. */
export class GpuUnavailableError extends Error {
  override readonly name = 'GpuUnavailableError'
  readonly advice = 'Use a current Chrome, Edge, Firefox or Safari with a working graphics driver; training goes on with WASM.'
}

const wanted = ['shader-f16', 'subgroups', 'timestamp-query', 'chromium-experimental-subgroup-matrix']

/** Limits raised to what the adapter has; all others stay at WebGPU's defaults, which every device meets. */
const raised = [
  'maxBufferSize', 'maxStorageBufferBindingSize', 'maxStorageBuffersPerShaderStage',
  'maxComputeWorkgroupStorageSize', 'maxComputeInvocationsPerWorkgroup', 'maxComputeWorkgroupSizeX',
] as const

/**
 * Opens the device with every feature that our kernels can use.
 *
 * @param gpu - `navigator.gpu`, or Dawn's in Node.
 * @throws {GpuUnavailableError} where there is none.
 */
export async function openGpu(gpu: GPU | undefined): Promise<Gpu> {
  if (!gpu) throw new GpuUnavailableError('This browser has no WebGPU.')
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' })
  if (!adapter) throw new GpuUnavailableError('WebGPU is there, but it offers no adapter.')
  const requiredFeatures = wanted.filter((name) => adapter.features.has(name)) as GPUFeatureName[]
  const requiredLimits = Object.fromEntries(raised.map((name) => [name, adapter.limits[name]]))
  const device = await adapter.requestDevice({ requiredFeatures, requiredLimits })
  const { info } = adapter
  const capabilities = capabilitiesOf(device.features, info)
  const words = [info.description, info.device, info.architecture, info.vendor].find((word) => word) ?? 'unknown GPU'
  return {
    device,
    info,
    capabilities,
    name: capabilities.software && !/software/i.test(words) ? `${words} (software)` : words,
    key: [info.vendor, info.architecture, info.device, info.description, ...requiredFeatures].join('|'),
    memory: countMemory(device),
  }
}

/** What a device with these features can do; an adapter's own are those of the device that `openGpu` makes of it. */
export function capabilitiesOf(features: ReadonlySet<string>, info: GPUAdapterInfo): GpuCapabilities {
  const matrices = (info as { subgroupMatrixConfigs?: Iterable<SubgroupMatrixShape> }).subgroupMatrixConfigs
  return {
    f16: features.has('shader-f16'),
    subgroups: features.has('subgroups')
      ? { smallest: info.subgroupMinSize, largest: info.subgroupMaxSize }
      : null,
    subgroupMatrix: features.has('chromium-experimental-subgroup-matrix') ? [...(matrices ?? [])] : [],
    timestamps: features.has('timestamp-query'),
    software: info.isFallbackAdapter === true || /swiftshader|llvmpipe|lavapipe|software/i.test(
      `${info.vendor} ${info.architecture} ${info.device} ${info.description}`),
  }
}

/** Counts what WebGPU is asked for, tfjs's buffers included: the memory figures of plans are held against it. */
function countMemory(device: GPUDevice): { now: number; peak: number } {
  const memory = { now: 0, peak: 0 }
  const create = device.createBuffer.bind(device)
  device.createBuffer = (descriptor) => {
    const buffer = create(descriptor)
    memory.now += descriptor.size
    memory.peak = Math.max(memory.peak, memory.now)
    const destroy = buffer.destroy.bind(buffer)
    let alive = true
    buffer.destroy = () => {
      if (alive) memory.now -= descriptor.size
      alive = false
      return destroy()
    }
    return buffer
  }
  return memory
}
