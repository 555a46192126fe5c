import type { Progress } from '../protocol.ts'

/** Milliseconds over which a rate is measured. */
const memory = 15_000

/** Measures the rate of a long task and what is left of it. */
export class Pace {
  private readonly unit: Progress['unit']
  private readonly total: number
  private readonly marks: { time: number; done: number }[]

  /** @param done what was done before the clock starts, e.g. by an earlier run. */
  constructor(unit: Progress['unit'], total: number, done = 0) {
    this.unit = unit
    this.total = total
    this.marks = [{ time: performance.now(), done }]
  }

  /** Notes that `done` units are done by now. */
  at(done: number): Progress {
    const time = performance.now()
    this.marks.push({ time, done })
    while (this.marks.length > 2 && time - this.marks[1].time > memory) this.marks.shift()
    const [first] = this.marks
    const elapsed = time - first.time
    const rate = elapsed > 0 ? ((done - first.done) * 1000) / elapsed : 0
    return { done, total: this.total, unit: this.unit, rate, millisecondsLeft: rate > 0 ? ((this.total - done) / rate) * 1000 : null }
  }
}
