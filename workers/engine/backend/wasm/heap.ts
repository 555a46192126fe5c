/** Blocks are aligned so that no two threads write to one cache line. */
const alignment = 64

/** The memory's limit is reached. */
export class HeapError extends Error {
  override readonly name = 'HeapError'
  readonly advice = 'Choose a smaller base model, a shorter context or a smaller batch, or switch gradient checkpointing on.'
}

/** Hands out addresses of a memory that grows: first fit, neighbours that are free become one. */
export class Heap {
  /** Address → bytes of what is free below `end`, in order of addresses. */
  private free: { at: number; bytes: number }[] = []
  private readonly taken = new Map<number, number>()
  private end: number
  private readonly limit: number
  private readonly grow: (end: number) => void
  /** Bytes handed out now. */
  used = 0

  /** @param grow makes the memory reach up to an address, or throws. */
  constructor(start: number, limit: number, grow: (end: number) => void) {
    this.end = aligned(start)
    this.limit = limit
    this.grow = grow
  }

  /** @throws {HeapError} where the memory does not suffice. */
  allocate(size: number): number {
    const bytes = Math.max(alignment, aligned(size))
    const hole = this.free.find((block) => block.bytes >= bytes)
    const at = hole ? hole.at : this.extend(bytes)
    if (hole) {
      hole.at += bytes
      hole.bytes -= bytes
      if (!hole.bytes) this.free.splice(this.free.indexOf(hole), 1)
    }
    this.taken.set(at, bytes)
    this.used += bytes
    return at
  }

  release(at: number): void {
    const bytes = this.taken.get(at)
    if (bytes === undefined) throw new HeapError(`Nothing was allocated at ${at}.`)
    this.taken.delete(at)
    this.used -= bytes
    const next = this.free.findIndex((block) => block.at > at)
    const index = next < 0 ? this.free.length : next
    this.free.splice(index, 0, { at, bytes })
    this.join(index)
    if (index) this.join(index - 1)
  }

  /** A block and its right neighbour become one where they touch; the last joins what was never handed out. */
  private join(index: number): void {
    const [block, next] = [this.free[index], this.free[index + 1]]
    if (!block) return
    if (next && block.at + block.bytes === next.at) {
      block.bytes += next.bytes
      this.free.splice(index + 1, 1)
    } else if (!next && block.at + block.bytes === this.end) {
      this.end = block.at
      this.free.pop()
    }
  }

  private extend(bytes: number): number {
    const at = this.end
    if (at + bytes > this.limit) throw new HeapError(`${mebibytes(bytes)} more do not fit: ${mebibytes(at)} of ${mebibytes(this.limit)} are taken.`)
    this.grow(at + bytes)
    this.end = at + bytes
    return at
  }
}

function aligned(bytes: number): number {
  return Math.ceil(bytes / alignment) * alignment
}

function mebibytes(bytes: number): string {
  return `${Math.ceil(bytes / 2 ** 20)} MiB`
}
