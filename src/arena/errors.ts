/** What every error of the arena's rules has in common: what happened, and what to do. */
export class ArenaError extends Error {
  override name = 'ArenaError'
  /** What the person can do next. */
  readonly advice: string

  constructor(message: string, advice: string, options?: ErrorOptions) {
    super(message, options)
    this.advice = advice
  }
}
