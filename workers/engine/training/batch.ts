/** Token sequences as the plans take them. */

/** Tokens of one row with its targets, not shifted: `labels[i]` is `ids[i]` where that token is a target, else -100. */
export interface LabelledTokens {
  ids: readonly number[]
  labels: readonly number[]
}

/** Rows of equal length; several segments may share a row. T = rows·length. */
export interface TokenBatch {
  rows: number
  length: number
  /** [T] */
  ids: Int32Array
  /** Place of each token within its segment, [T]. */
  positions: Int32Array
  /** Segment of each token within its row, -1 for padding, [T]. */
  segments: Int32Array
  /** The token that each token should predict, or -1, [T]. */
  targets: Int32Array
  /** Targets that are not -1. */
  targetCount: number
}

/**
 * Lays sequences out in rows: each inner list is one row, its members one
 * segment each. Targets are shifted here: a token predicts the next one of its
 * own segment, where that is a target.
 *
 * @param length tokens of each row; at least the longest row's.
 */
export function layOut(rows: readonly (readonly LabelledTokens[])[], length: number): TokenBatch {
  const tokens = rows.length * length
  const batch = {
    rows: rows.length,
    length,
    ids: new Int32Array(tokens),
    positions: new Int32Array(tokens),
    segments: new Int32Array(tokens).fill(-1),
    targets: new Int32Array(tokens).fill(-1),
    targetCount: 0,
  }
  rows.forEach((members, row) => {
    let at = row * length
    members.forEach(({ ids, labels }, segment) => {
      if (at + ids.length > (row + 1) * length) throw new RangeError(`A row of ${length} tokens cannot hold ${at - row * length + ids.length}.`)
      ids.forEach((id, i) => {
        batch.ids[at + i] = id
        batch.positions[at + i] = i
        batch.segments[at + i] = segment
        const target = i + 1 < ids.length ? labels[i + 1] : -1
        if (target >= 0) {
          batch.targets[at + i] = target
          batch.targetCount++
        }
      })
      at += ids.length
    })
  })
  return batch
}

/** Targets with the hidden states they are predicted from. */
export interface TargetSlots {
  /** [n] target ids, -1 in unused slots. */
  targets: Int32Array
  /** [n] token of each slot, -1 in unused slots. */
  slots: Int32Array
  /** [T] slot of each token, -1 where it predicts nothing. */
  tokenSlots: Int32Array
}

/**
 * How many slots a batch's targets are given: all tokens, or a quarter, half or
 * three quarters of them, so that few shapes are planned and the head is not
 * computed where nothing is predicted.
 */
export function slotCount({ rows, length, targetCount }: TokenBatch): number {
  const tokens = rows * length
  const quarter = Math.ceil(tokens / 4)
  return Math.min(tokens, Math.max(1, Math.ceil(targetCount / quarter)) * quarter)
}

/** Gathers a batch's targets into `count` slots, in order. */
export function slotsOf(batch: TokenBatch, count: number): TargetSlots {
  const targets = new Int32Array(count).fill(-1)
  const slots = new Int32Array(count).fill(-1)
  const tokenSlots = new Int32Array(batch.targets.length).fill(-1)
  let next = 0
  batch.targets.forEach((target, token) => {
    if (target < 0) return
    targets[next] = target
    slots[next] = token
    tokenSlots[token] = next++
  })
  return { targets, slots, tokenSlots }
}
