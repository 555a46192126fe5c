/**
 * The engine: a base model on a device, adapters trained, scored and talked to.
 *
 * Three commands do the whole of it (`train`, `score`, `generate`), in workers
 * and in Node alike; a `Session` keeps device and base between them. Below are
 * the pieces for those who need less.
 */
export { generate } from './commands/generate.ts'
export { score } from './commands/score.ts'
export { Session } from './commands/session.ts'
export { train } from './commands/train.ts'
export { loadModel, type LoadedModel } from './model/loadModel.ts'
export { openExecutor } from './plan/execute/openExecutor.ts'
export type { WebGpuOptions } from './plan/execute/openWebgpuExecutor.ts'
export type { TuningStore } from './backend/tuning/tuning.ts'
export type { Executor } from './plan/execute/executor.ts'
export { Scorer } from './scoring/scorer.ts'
export { bitsPerByte, microBitsPerByte } from './scoring/bitsPerByte.ts'
export type { CheckpointStore } from './training/checkpoint.ts'
export { TrainingControl } from './training/control.ts'
export { memoryPlanFor } from './training/memoryPlan.ts'
export { openModel, type OpenModel } from './weights/openModel.ts'
export { toWorkerError } from './errors.ts'
