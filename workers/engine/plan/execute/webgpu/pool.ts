/** Buffers for activations, shared by all plans of an executor: plans run one after the other. */
export class BufferPool {
  private readonly device: GPUDevice
  private readonly buffers: { buffer: GPUBuffer; users: number }[] = []

  constructor(device: GPUDevice) {
    this.device = device
  }

  /** A buffer for each size, no two the same; existing ones where they are large enough. */
  take(sizes: readonly number[]): GPUBuffer[] {
    const taken = new Set<GPUBuffer>()
    const result = new Array<GPUBuffer>(sizes.length)
    const order = sizes.map((size, index) => ({ size, index })).sort((a, b) => b.size - a.size)
    for (const { size, index } of order) {
      const fitting = this.buffers.filter((entry) => entry.buffer.size >= size && !taken.has(entry.buffer))
      const entry = fitting.sort((a, b) => a.buffer.size - b.buffer.size)[0] ?? this.create(size)
      entry.users++
      taken.add(entry.buffer)
      result[index] = entry.buffer
    }
    return result
  }

  giveBack(buffers: readonly GPUBuffer[]): void {
    for (const entry of [...this.buffers]) {
      if (!buffers.includes(entry.buffer) || --entry.users) continue
      entry.buffer.destroy()
      this.buffers.splice(this.buffers.indexOf(entry), 1)
    }
  }

  bytes(): number {
    return this.buffers.reduce((sum, { buffer }) => sum + buffer.size, 0)
  }

  private create(size: number): { buffer: GPUBuffer; users: number } {
    const buffer = this.device.createBuffer({
      label: 'activation', size, usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST,
    })
    const entry = { buffer, users: 0 }
    this.buffers.push(entry)
    return entry
  }
}
