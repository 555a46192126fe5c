/** How a run was ended from outside. */
export type Ending = 'stop' | 'cancel'

/** The person's hand on a run: pause, resume, stop, cancel, at any time, heeded between steps. */
export class TrainingControl {
  private ending: Ending | null = null
  private paused = false
  private wake: (() => void) | null = null

  pause(): void {
    this.paused = true
  }

  resume(): void {
    this.paused = false
    this.wake?.()
  }

  /** End now, keep the best adapter. */
  stop(): void {
    this.end('stop')
  }

  /** End now, keep nothing. */
  cancel(): void {
    this.end('cancel')
  }

  get ended(): Ending | null {
    return this.ending
  }

  /**
   * Lets waiting messages in, then waits while the run is paused.
   *
   * @param onPause called once when the run comes to rest.
   */
  async heed(onPause: () => Promise<void>): Promise<Ending | null> {
    await nextTask()
    if (this.paused && !this.ending) {
      await onPause()
      while (this.paused && !this.ending) await new Promise<void>((resolve) => { this.wake = resolve })
    }
    return this.ending
  }

  private end(ending: Ending): void {
    this.ending = ending
    this.wake?.()
  }
}

/** Returns after messages that are already waiting were handled. */
export function nextTask(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve))
}
