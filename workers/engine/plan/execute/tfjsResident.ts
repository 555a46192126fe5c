import { tf } from '../../backend/tfjs.ts'
import type { Tensor } from '../../backend/tfjs.ts'
import { sizeOf } from '../plan.ts'
import type { BufferSpec } from '../plan.ts'

/**
 * Resident buffers as tfjs tensors. Tensors cannot share memory, so a flat
 * buffer is either whole or in its views, and is cut or joined when the other
 * form is asked for. A buffer that was never written is zero and takes no memory.
 */
export class TfjsResident {
  private readonly specs = new Map<string, BufferSpec>()
  private readonly tensors = new Map<string, Tensor>()
  /** Views of each flat buffer. */
  private readonly views = new Map<string, Map<string, BufferSpec>>()

  declare(spec: BufferSpec): void {
    if (this.specs.has(spec.name)) return
    this.specs.set(spec.name, spec)
    if (spec.view) {
      const views = this.views.get(spec.view.buffer) ?? new Map<string, BufferSpec>()
      this.views.set(spec.view.buffer, views.set(spec.name, spec))
    }
  }

  has(name: string): boolean {
    return this.specs.has(name)
  }

  shape(name: string): readonly number[] {
    return this.specs.get(name)!.shape
  }

  /** The buffer's tensor, owned by this store; undefined while it is zero. */
  get(name: string): Tensor | undefined {
    const present = this.tensors.get(name)
    if (present) return present
    const spec = this.specs.get(name)!
    const made = spec.view ? this.cut(spec) : this.join(spec)
    if (made) this.tensors.set(name, tf.keep(made))
    return made
  }

  /** Takes over a tensor as the buffer's new value. */
  set(name: string, tensor: Tensor): void {
    const flat = this.specs.get(name)!.view?.buffer
    if (flat && this.tensors.has(flat)) {
      // The flat tensor will be out of date: keep its other parts.
      for (const view of this.views.get(flat)!.keys()) this.get(view)
      this.drop(flat)
    }
    if (!flat) this.clear(name)
    this.drop(name)
    this.tensors.set(name, tf.keep(tensor))
  }

  /** Sets a buffer to zero. */
  clear(name: string): void {
    this.drop(name)
    for (const view of this.views.get(name)?.keys() ?? []) this.drop(view)
  }

  /** Forgets the buffers whose names start with `prefix`. */
  release(prefix: string): void {
    for (const name of [...this.specs.keys()].filter((name) => name.startsWith(prefix))) {
      this.drop(name)
      this.specs.delete(name)
      this.views.delete(name)
    }
  }

  private cut({ view, shape }: BufferSpec): Tensor | undefined {
    const flat = this.tensors.get(view!.buffer)
    return flat && tf.tidy(() => tf.reshape(tf.slice(flat, [view!.offset], [sizeOf(shape)]), [...shape]))
  }

  private join({ name, shape }: BufferSpec): Tensor | undefined {
    const parts = [...(this.views.get(name)?.values() ?? [])].filter((part) => this.tensors.has(part.name))
    if (!parts.length) return undefined
    parts.sort((a, b) => a.view!.offset - b.view!.offset)
    return tf.tidy(() => {
      const pieces: Tensor[] = []
      let end = 0
      const fill = (to: number): void => {
        if (to > end) pieces.push(tf.zeros([to - end]))
      }
      for (const part of parts) {
        fill(part.view!.offset)
        pieces.push(tf.reshape(this.tensors.get(part.name)!, [-1]))
        end = part.view!.offset + sizeOf(part.shape)
      }
      fill(sizeOf(shape))
      return tf.concat(pieces)
    })
  }

  private drop(name: string): void {
    this.tensors.get(name)?.dispose()
    this.tensors.delete(name)
  }
}
