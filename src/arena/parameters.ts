/**
 * The numbers of a task that are on chain: when its rounds happen, what it pays
 * and what it punishes. Same names and units as `contracts/src/Types.sol`.
 */

/** When a task's rounds happen, in seconds; round r begins at `start` + r · (sum of the six lengths). */
export interface Clock {
  /** Unix time in seconds; 0 at creation means "now". */
  start: number
  submit: number
  open: number
  validate: number
  reveal: number
  settle: number
  dispute: number
  rounds: number
}

/** What a task pays and punishes. bigint fractions are wads (10^18 = 1); slashes are basis points. */
export interface Rules {
  /** Members of a committee; with fewer enrolled, all of them are one. */
  committeeSize: number
  /** Submissions that one committee judges, where there are committees enough. */
  batchSize: number
  /** Members who must have revealed for a batch to be judged. */
  quorum: number
  slashInvalid: number
  slashWorse: number
  slashNotSealed: number
  slashNotRevealed: number
  slashDeviant: number
  slashVerdict: number
  slashKey: number
  slashShard: number
  /** Floor of either pool's part of a round's reward, at most 1/2. */
  gamma: bigint
  /** Weight of one rank relative to the one above, in (0, 1). */
  q: bigint
  /** Grid step relative to the base model's score. */
  eta: bigint
  /** Exponent of stake in rewards, at most 1. */
  alpha: bigint
  /** Deviation |r - m| / m beyond which an item counts against a validator. */
  tolerance: bigint
  /** How much worse than the base model costs stake, relative. */
  margin: bigint
  /** Steepness of e^(-lambda · deviation). */
  lambda: bigint
}
