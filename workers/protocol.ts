/**
 * Every message between the page and the workers.
 *
 * Commands and events are discriminated unions keyed by `runId`, so one worker
 * may serve several runs and a late event of a finished run is easy to ignore.
 * Everything here survives structured cloning; nothing here is trusted.
 */
import type { ChatRow } from '../src/data/row.ts'
import type { LoraSettings } from './engine/lora/settings.ts'
import type { TrainingSettings } from './engine/training/settings.ts'

export { loraSettingsSchema, type LoraSettings } from './engine/lora/settings.ts'
export { trainingSettingsSchema, type TrainingSettings } from './engine/training/settings.ts'

/** Execution backends, best first. */
export type Backend = 'webgpu' | 'wasm' | 'cpu'

/** A file of a model: its name inside the model folder and where its bytes are. */
export interface ModelFile {
  /** e.g. `config.json`, `model.safetensors`, `tokenizer.json`, `model.gguf`. */
  name: string
  /** A URL (absolute, or relative to the page), `cache:KEY` for a file that this browser keeps, or the bytes themselves. */
  source: string | Blob
  /** Lower-case hex SHA-256 that the bytes must have. */
  sha256?: string
}

/** A base model as the files it consists of. */
export interface ModelSource {
  /** The id that adapters name as their base, e.g. `stories260K`. */
  id: string
  files: ModelFile[]
}

/** A PEFT adapter folder. */
export interface AdapterFiles {
  'adapter_config.json': Uint8Array
  'adapter_model.safetensors': Uint8Array
}

/** How rows become tokens. */
export interface TextSettings {
  /** Jinja chat template; the model's own when absent. */
  chatTemplate?: string
  /** Tokens of the longest sequence. */
  contextLength: number
}

/** A command or an event before it belongs to a run. */
export type WithoutRun<T> = T extends unknown ? Omit<T, 'runId'> : never

/** An error that crossed the worker boundary: what happened, and what to do. */
export interface WorkerError {
  name: string
  message: string
  /** What the person can do next. */
  advice: string
}

/** Bytes, steps or rows done so far; the same shape for every long task. */
export interface Progress {
  done: number
  total: number
  unit: 'bytes' | 'steps' | 'rows' | 'tokens' | 'kernels'
  /** Units per second over the last while. */
  rate: number
  /** Estimated milliseconds to the end; null while unknown. */
  millisecondsLeft: number | null
}

export interface TrainCommandStart {
  type: 'train'
  runId: string
  model: ModelSource
  text: TextSettings
  rows: ChatRow[]
  /** Own validation rows; split off `rows` by `training.validationShare` when absent. */
  validationRows?: ChatRow[]
  lora: LoraSettings
  training: TrainingSettings
  /** Continue from this adapter instead of a fresh one. */
  adapter?: AdapterFiles
  /** Backends to try, in order. */
  backends: Backend[]
  /** Bytes that may be taken; what the device has when absent. A run that takes more is refused before anything is allocated. */
  budget?: number
  /** Continue from the run's checkpoint when there is one. */
  resume: boolean
}

export type TrainCommand =
  | TrainCommandStart
  | { type: 'pause'; runId: string }
  | { type: 'resume'; runId: string }
  /** End now and keep the best adapter so far. */
  | { type: 'stop'; runId: string }
  /** End now and throw the run and its checkpoint away. */
  | { type: 'cancel'; runId: string }

export interface StepEvent {
  type: 'step'
  runId: string
  /** Steps finished, from 1. */
  step: number
  /** Mean negative log-likelihood over the batch's target tokens, in nats. */
  loss: number
  learningRate: number
  gradientNorm: number
  tokensPerSecond: number
  flopsPerSecond: number
  progress: Progress
}

/** What a run keeps in memory, by part, in bytes. */
export interface MemoryPlan {
  weights: number
  adapter: number
  optimizer: number
  activations: number
  /** Logits of one piece of the vocabulary and the like, taken while a step runs. */
  scratch: number
  total: number
  /** The change of settings that would make it fit; absent when it fits. */
  advice?: string
}

export type TrainEvent =
  | { type: 'loading'; runId: string; file: string; progress: Progress }
  | TuningEvent
  | BackendEvent
  | { type: 'planned'; runId: string; memory: MemoryPlan; parameters: number; trainable: number; rows: number; skippedRows: number }
  | { type: 'resumed'; runId: string; step: number }
  | StepEvent
  | { type: 'evaluated'; runId: string; step: number; loss: number; bitsPerByte: number; best: boolean }
  | { type: 'sample'; runId: string; step: number; prompt: string; text: string }
  | { type: 'checkpoint'; runId: string; step: number }
  /** The checkpoint of this step could not be kept; the run goes on. */
  | { type: 'unsaved'; runId: string; step: number; error: WorkerError }
  | { type: 'paused'; runId: string; step: number }
  | { type: 'finished'; runId: string; reason: 'steps' | 'level' | 'stopped'; steps: number; bestStep: number; bestLoss: number; adapter: AdapterFiles }
  | { type: 'cancelled'; runId: string }
  | { type: 'failed'; runId: string; error: WorkerError }

/** The fastest kernels for this GPU are searched, which is done once: so many were tried. */
export interface TuningEvent {
  type: 'tuning'
  runId: string
  /** The product that they are for, in words. */
  product: string
  progress: Progress
}

/** Which backend runs, and why not a better one. */
export interface BackendEvent {
  type: 'backend'
  runId: string
  backend: Backend
  /** The device in words, e.g. `SwiftShader (software)`. */
  device: string
  /** One sentence per better backend that could not be used. */
  fallbacks: string[]
}

/** One thing to score: the base alone (`adapter: null`) or the base with an adapter. */
export interface ScoreItem {
  id: string
  /** Null for the base; a string says why the adapter could not be had (verdict INVALID). */
  adapter: AdapterFiles | string | null
}

export type ScoreCommand =
  | {
      type: 'score'
      runId: string
      model: ModelSource
      text: TextSettings
      rows: ChatRow[]
      items: ScoreItem[]
      /** Parameters (base and adapter) above which an item is INVALID. */
      parameterLimit: number
      backends: Backend[]
    }
  | { type: 'cancel'; runId: string }

/** Per row: summed negative log-likelihood over targets (nats), targets, UTF-8 bytes of the target text. */
export interface RowScore {
  nll: number
  targetTokens: number
  targetBytes: number
}

/** `protocol.md`: a score in micro-bits per byte, or INVALID with the reason. */
export type ItemVerdict =
  | { kind: 'score'; microBitsPerByte: number; rows: RowScore[]; skippedRows: number }
  | { kind: 'invalid'; reason: string }

export type ScoreEvent =
  | { type: 'loading'; runId: string; file: string; progress: Progress }
  | TuningEvent
  | BackendEvent
  | { type: 'scoring'; runId: string; itemId: string; item: number; items: number; progress: Progress }
  | { type: 'scored'; runId: string; itemId: string; verdict: ItemVerdict }
  | { type: 'finished'; runId: string; verdicts: { id: string; verdict: ItemVerdict }[] }
  | { type: 'cancelled'; runId: string }
  | { type: 'failed'; runId: string; error: WorkerError }

export interface SamplingSettings {
  maxTokens: number
  temperature: number
  topK: number
  topP: number
  repetitionPenalty: number
  stop: string[]
  seed: number
}

export type GenerateCommand =
  | {
      type: 'generate'
      runId: string
      model: ModelSource
      text: TextSettings
      adapter: AdapterFiles | null
      messages: ChatRow
      sampling: SamplingSettings
      backends: Backend[]
    }
  | { type: 'cancel'; runId: string }

export type GenerateEvent =
  | { type: 'loading'; runId: string; file: string; progress: Progress }
  | TuningEvent
  | BackendEvent
  | { type: 'token'; runId: string; text: string; tokensPerSecond: number }
  | { type: 'finished'; runId: string; text: string; reason: 'stop' | 'length' }
  | { type: 'cancelled'; runId: string }
  | { type: 'failed'; runId: string; error: WorkerError }

/** A model file that this browser keeps after downloading it. */
export interface CachedModelFile {
  /** Names the file in commands. */
  key: string
  /** Where it came from. */
  url: string
  name: string
  /** Bytes. */
  size: number
  /** Lower-case hex SHA-256 of its bytes. */
  sha256: string
}

/** What a model is, read from its files. */
export interface ModelDescription {
  /** `llama`, `mistral`, `qwen2`, … */
  family: string
  /** A tied head counted once. */
  parameters: number
  /** Tokens of the longest sequence that it was made for. */
  contextLength: number
  /** Container and the number format that most weights have, e.g. `GGUF, Q4_1`. */
  format: string
  /** Bytes of the weights alone. */
  weightBytes: number
}

/** What a device would have to hold for a run that has not begun. */
export interface PlanCommand {
  type: 'plan'
  runId: string
  model: ModelSource
  lora: LoraSettings
  training: Pick<TrainingSettings, 'batchSize' | 'gradientCheckpointing'>
  /** Tokens of a sequence. */
  contextLength: number
  /** Bytes that may be taken; Infinity when unknown. */
  budget: number
}

/** The cache of downloaded models: bring in, fetch ahead, list, share, delete; and plans for models not loaded. */
export type ModelsCommand =
  /** Keeps every file of a model in this browser, then reads all of it: what cannot be used is refused and deleted. */
  | { type: 'add'; runId: string; model: ModelSource; parameterLimit?: number }
  /** Deletes what an unfinished `add` has brought so far. */
  | { type: 'discard'; runId: string; model: ModelSource }
  | PlanCommand
  | { type: 'fetch'; runId: string; file: ModelFile }
  | { type: 'list'; runId: string }
  /** Asks for a file's bytes, e.g. to share them with peers. */
  | { type: 'open'; runId: string; key: string }
  | { type: 'delete'; runId: string; key: string }
  | { type: 'cancel'; runId: string }

export type ModelsEvent =
  | { type: 'loading'; runId: string; file: string; progress: Progress }
  /** All files are here; their weights are being read. */
  | { type: 'checking'; runId: string; progress: Progress }
  | { type: 'added'; runId: string; files: CachedModelFile[]; description: ModelDescription }
  | { type: 'plan'; runId: string; memory: MemoryPlan; /** Bytes that may be taken there. */ budget: number; description: ModelDescription; backend: Backend; trainable: number }
  /** Answers `fetch`, `list`, `discard` and `delete`: what is there now. */
  | { type: 'listed'; runId: string; files: CachedModelFile[] }
  | { type: 'opened'; runId: string; file: File | null }
  | { type: 'cancelled'; runId: string }
  | { type: 'failed'; runId: string; error: WorkerError }

/** What a GPU offers, as WebGPU tells it. */
export interface DeviceFacts {
  name: string
  vendor: string
  architecture: string
  description: string
  /** A driver that runs shaders on the CPU. */
  software: boolean
  /** Features that the engine's kernels use, and whether they are here. */
  features: { name: string; what: string; present: boolean }[]
  limits: { name: string; value: number; unit: 'bytes' | 'count' }[]
}

/** One kernel's part of a training step. */
export interface KernelShare {
  name: string
  dispatches: number
  milliseconds: number
  flops: number
  bytes: number
}

/** Where a training step's time goes. */
export interface StepProfile {
  model: string
  rows: number
  length: number
  rank: number
  kernels: KernelShare[]
  /** All dispatches of a step, and the bytes that WebGPU was asked for. */
  dispatches: number
  memory: number
}

interface ProfiledStep {
  model: ModelSource
  rows: number
  /** Tokens of a sequence. */
  length: number
  rank: number
}

/** The GPU itself: what it is, what it reaches, where a step's time goes, and the search for its fastest tiles. */
export type DeviceCommand =
  | { type: 'describe'; runId: string }
  | { type: 'measure'; runId: string }
  | ({ type: 'profile'; runId: string } & ProfiledStep)
  | ({ type: 'tune'; runId: string } & ProfiledStep)
  | { type: 'cancel'; runId: string }

export type DeviceEvent =
  | { type: 'loading'; runId: string; file: string; progress: Progress }
  | { type: 'described'; runId: string; facts: DeviceFacts }
  /** Float32 operations and copied bytes per second, at best. */
  | { type: 'measured'; runId: string; flops: number; copyBytes: number }
  | { type: 'profiled'; runId: string; profile: StepProfile }
  | TuningEvent
  | { type: 'tuned'; runId: string; kinds: number }
  | { type: 'cancelled'; runId: string }
  | { type: 'failed'; runId: string; error: WorkerError }
