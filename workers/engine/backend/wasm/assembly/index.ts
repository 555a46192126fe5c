/**
 * A list of commands, worked off by any number of threads at once. A thread takes
 * shares of a command until none is left, waits until all of them are done, and goes
 * on with the next command. Shares write what no other share writes, so that results
 * do not depend on who did what; a thread that comes late holds nobody up.
 */
import { attention, attentionBackward, cachedAttention } from './attention'
import { commandBytes } from './command'
import { headFinish, headLoss, headWeights } from './head'
import { add, dropout, rope, rows, swiglu, swigluBackward } from './elementwise'
import { rmsNorm, rmsNormBackward } from './norms'
import {
  opAdamW, opAdd, opAttention, opAttentionBackward, opCachedAttention, opDropout, opHeadFinish, opHeadLoss, opHeadWeights, opNorm,
  opPeak, opProduct, opRmsNorm, opRmsNormBackward, opRope, opRows, opSquares, opSwiglu, opSwigluBackward,
} from './operations'
import { adamW, norm, squares } from './optimizer'
import { peak } from './peak'
import { productShare } from './productShare'

/** Looks at a command's end so often before it sleeps. */
const patience: i32 = 4000

/**
 * @param commands - address of the list.
 * @param length - how many there are.
 * @param scratch - memory of this thread's own, as much as the commands need.
 */
export function work(commands: usize, length: i32, scratch: usize): void {
  for (let i = 0; i < length; i++) {
    const shares = load<i32>(commands, 4)
    for (;;) {
      const share = atomic.add<i32>(commands, 1, 8)
      if (share >= shares) break
      run(commands, share, scratch)
      if (atomic.add<i32>(commands, 1, 12) + 1 == shares) atomic.notify(commands + 12, -1)
    }
    waitFor(commands + 12, shares)
    commands += commandBytes
  }
}

function waitFor(done: usize, shares: i32): void {
  for (let i = 0; i < patience; i++) if (atomic.load<i32>(done) >= shares) return
  for (;;) {
    const now = atomic.load<i32>(done)
    if (now >= shares) return
    atomic.wait<i32>(done, now, -1)
  }
}

function run(command: usize, share: i32, scratch: usize): void {
  switch (load<i32>(command)) {
    case opProduct: return productShare(command, share, scratch)
    case opRows: return rows(command, share)
    case opRmsNorm: return rmsNorm(command, share)
    case opRmsNormBackward: return rmsNormBackward(command, share)
    case opRope: return rope(command, share)
    case opAttention: return attention(command, share, scratch)
    case opAttentionBackward: return attentionBackward(command, share, scratch)
    case opCachedAttention: return cachedAttention(command, share, scratch)
    case opSwiglu: return swiglu(command, share)
    case opSwigluBackward: return swigluBackward(command, share)
    case opAdd: return add(command, share)
    case opDropout: return dropout(command, share)
    case opHeadWeights: return headWeights(command, share)
    case opHeadFinish: return headFinish(command, share)
    case opHeadLoss: return headLoss(command)
    case opSquares: return squares(command, share)
    case opNorm: return norm(command)
    case opAdamW: return adamW(command, share)
    case opPeak: return peak(command, share)
    default: unreachable()
  }
}
