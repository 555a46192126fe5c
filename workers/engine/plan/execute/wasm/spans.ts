/** Where activations and scratch memory lie within an arena: places of an endless line, found again when they are free. */
export class Spans {
  private free: { at: number; bytes: number }[] = []
  private end = 0
  /** The most that was needed at one time. */
  peak = 0

  take(size: number): number {
    const bytes = Math.ceil(Math.max(1, size) / 64) * 64
    // The smallest that suffices leaves the large ones whole.
    const fitting = this.free.filter((span) => span.bytes >= bytes)
    const span = fitting.reduce<(typeof fitting)[0] | undefined>((best, next) => (best && best.bytes <= next.bytes ? best : next), undefined)
    if (!span) {
      const at = this.end
      this.end += bytes
      this.peak = Math.max(this.peak, this.end)
      return at
    }
    const { at } = span
    span.at += bytes
    span.bytes -= bytes
    if (!span.bytes) this.free.splice(this.free.indexOf(span), 1)
    return at
  }

  /** A place that nothing has had before, so that it may be filled before everything else. */
  takeFresh(size: number): number {
    const bytes = Math.ceil(Math.max(1, size) / 64) * 64
    const at = this.peak
    if (at > this.end) this.free.push({ at: this.end, bytes: at - this.end })
    this.end = this.peak = at + bytes
    return at
  }

  give(at: number, size: number): void {
    const bytes = Math.ceil(Math.max(1, size) / 64) * 64
    this.free.push({ at, bytes })
    this.free.sort((a, b) => a.at - b.at)
    const joined: typeof this.free = []
    for (const span of this.free) {
      const last = joined.at(-1)
      if (last && last.at + last.bytes === span.at) last.bytes += span.bytes
      else joined.push(span)
    }
    const last = joined.at(-1)
    if (last && last.at + last.bytes === this.end) {
      this.end = last.at
      joined.pop()
    }
    this.free = joined
  }
}
