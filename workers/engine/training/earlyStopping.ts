/** What has to be kept to judge the next evaluation. */
export interface StoppingState {
  bestLoss: number
  bestStep: number
  /** The loss that the next one has to undercut by `minimumChange`. */
  reference: number
  /** Evaluations in a row that did not. */
  level: number
}

/** Ends a run when its evaluations stay level: `patience` in a row without a fall of `minimumChange`. */
export class EarlyStopping {
  state: StoppingState = { bestLoss: Number.POSITIVE_INFINITY, bestStep: 0, reference: Number.POSITIVE_INFINITY, level: 0 }
  private readonly patience: number
  private readonly minimumChange: number

  constructor({ patience, minimumChange }: { patience: number; minimumChange: number }) {
    this.patience = patience
    this.minimumChange = minimumChange
  }

  /** @returns whether this evaluation is the best so far. */
  note(step: number, loss: number): boolean {
    const { state } = this
    if (loss < state.reference - this.minimumChange) {
      state.reference = loss
      state.level = 0
    } else state.level++
    const best = loss < state.bestLoss
    if (best) {
      state.bestLoss = loss
      state.bestStep = step
    }
    return best
  }

  /** Whether the run should end. */
  get isLevel(): boolean {
    return this.patience > 0 && this.state.level >= this.patience
  }
}
