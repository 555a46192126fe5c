/** Looks at the GPU itself, one command after the other; see `DeviceCommand` and `DeviceEvent`. */
import { openGpu, type Gpu } from './engine/backend/device.ts'
import { measurePeaks } from './engine/backend/peaks.ts'
import { factsOf } from './device/facts.ts'
import { profileStep, tuneStep } from './device/stepOnDevice.ts'
import type { DeviceCommand, DeviceEvent } from './protocol.ts'
import { serve, type Service } from './serve.ts'

/** Milliseconds that a search asked for by a person may take. */
const TUNING_BUDGET = 30_000

let gpu: Promise<Gpu> | undefined

serve<DeviceCommand, DeviceEvent>((command, service) => answer(command, service).catch((error: unknown) => {
  // A lost device is opened anew for the next command.
  gpu = undefined
  throw error
}))

async function answer(command: Exclude<DeviceCommand, { type: 'cancel' }>, { signal, emit }: Service<DeviceEvent>): Promise<void> {
  const { runId } = command
  const device = await (gpu ??= openGpu(navigator.gpu))
  const onLoading = (file: string, progress: Extract<DeviceEvent, { type: 'loading' }>['progress']): void => emit({ type: 'loading', runId, file, progress })
  switch (command.type) {
    case 'describe':
      return emit({ type: 'described', runId, facts: factsOf(device) })
    case 'measure': {
      const { flops, copyBytes } = await measurePeaks(device)
      return emit({ type: 'measured', runId, flops, copyBytes })
    }
    case 'profile':
      return emit({ type: 'profiled', runId, profile: await profileStep(device, command, { signal, onLoading }) })
    case 'tune':
      return emit({
        type: 'tuned', runId,
        kinds: await tuneStep(device, command, { signal, onLoading, budget: TUNING_BUDGET, onTuning: (progress, product) => emit({ type: 'tuning', runId, product, progress }) }),
      })
    default:
      command satisfies never
  }
}
