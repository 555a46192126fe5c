import type { GpuCapabilities } from '../../../backend/device.ts'
import type { Step } from './recordedPlan.ts'

/**
 * Floating-point operations and bytes per command buffer: about half a second
 * on a CPU, and on a GPU that reaches only 40 GFLOP/s. Watchdogs end work near
 * two seconds.
 */
const softwareBudget = 1e9
const gpuBudget = 2e10

/** Steps in order, cut into what goes into one command buffer. */
export function submissions(steps: readonly Step[], { software }: GpuCapabilities, most = Infinity): Step[][] {
  const pieces: Step[][] = []
  let work = Infinity
  for (const step of steps) {
    if (work >= (software ? softwareBudget : gpuBudget) || pieces.at(-1)!.length >= most) {
      pieces.push([])
      work = 0
    }
    pieces.at(-1)!.push(step)
    work += step.dispatch.flops + step.dispatch.bytes
  }
  return pieces
}
