/** Places in the control words, by which threads are started. */
export const control = {
  /** Counts runs; helpers wait for it to change. */
  generation: 0,
  /** Helpers that have not finished the run. */
  pending: 1,
  /** Of the run: address and length of its commands; the threads' scratch memory, and bytes of each. */
  commands: 2,
  length: 3,
  scratch: 4,
  scratchBytes: 5,
} as const

/** Address of the control words. */
export const controlAddress = 1024
export const controlWords = 16
