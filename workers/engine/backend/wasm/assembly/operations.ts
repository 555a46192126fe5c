/**
 * Operations of commands: numbers that the host writes and `index.ts` reads. This
 * file is both TypeScript and AssemblyScript.
 */
export const opProduct = 0
export const opRows = 1
export const opRmsNorm = 2
export const opRmsNormBackward = 3
export const opRope = 4
export const opAttention = 5
export const opAttentionBackward = 6
export const opCachedAttention = 7
export const opSwiglu = 8
export const opSwigluBackward = 9
export const opAdd = 10
export const opDropout = 11
export const opHeadWeights = 12
export const opHeadFinish = 13
export const opHeadLoss = 14
export const opSquares = 15
export const opNorm = 16
export const opAdamW = 17
export const opPeak = 18

/** Depth of a product's blocks: a panel of either side (16 and 8 KiB) stays in the first cache. */
export const blockDepth = 512
/** Rows of a product's blocks: the packed left side (256 KiB) stays in the second cache. */
export const blockRows = 128
/** Bytes into which a product packs its sides; at the start of each thread's scratch. */
export const panelBytes = 4 * blockDepth * (8 + blockRows)
/** Floating-point operations of a round of `opPeak`: ten chains of multiply-adds, which hide each other's latency. */
export const flopsPerRound = 80
/** Words of a command: operation, shares, shares taken, shares done, then arguments. */
export const commandWords = 32
export const headerWords = 4
