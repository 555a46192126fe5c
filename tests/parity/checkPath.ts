/** One folder of recorded numbers, whatever its kind, held against the engine. */
import { loadModel } from '../../workers/engine/model/loadModel.ts'
import type { LoadedModel } from '../../workers/engine/model/loadModel.ts'
import type { Executor } from '../../workers/engine/plan/execute/executor.ts'
import { openModel } from '../../workers/engine/weights/openModel.ts'
import { modelIn } from './baseModel.ts'
import type { Folder } from './folder.ts'
import { checkGolden, checkStory } from './goldenLogits.ts'
import { readRun, replayRun } from './recordedRun.ts'
import { baseOfScores, checkScores } from './scores.ts'
import { tolerancesFor } from './tolerances.ts'
import type { Differences, Measure } from './tolerances.ts'

export interface PathReport {
  path: string
  ok: boolean
  /** Each measure's largest difference and what is allowed. */
  differences: Partial<Record<Measure, { value: number; tolerance: number }>>
  seconds: number
  error?: string
}

/** Keeps the last base on the device: paths of one base come one after the other. */
export class Bases {
  readonly executor: Executor
  private last: { path: string; model: LoadedModel } | null = null

  constructor(executor: Executor) {
    this.executor = executor
  }

  async load(folder: Folder): Promise<LoadedModel> {
    if (this.last?.path === folder.path) return this.last.model
    const source = await modelIn(folder)
    if (!source) throw new Error(`${folder.path} holds no model: no config.json, hf/ or single GGUF file.`)
    this.last = null
    this.executor.release('')
    const model = await loadModel(await openModel(source), this.executor)
    this.last = { path: folder.path, model }
    return model
  }
}

const kinds = ['golden.json', 'golden-logits.json', 'run.json', 'scores.json']

/** The folders under one that hold recorded numbers: itself, else those inside it, at any depth. */
export async function recordsIn(folder: Folder): Promise<Folder[]> {
  const names = await folder.names()
  const inside = names.filter((name) => name.endsWith('/')).map((name) => folder.folder(name.slice(0, -1)))
  const own = names.some((name) => kinds.includes(name)) ? [folder] : []
  const nested = names.includes('run.json') ? [] : (await Promise.all(inside.map(recordsIn))).flat()
  return [...own, ...nested]
}

/** @param models the folder in which bases are looked up by name. */
export async function checkPath(folder: Folder, models: Folder, bases: Bases): Promise<PathReport> {
  const started = performance.now()
  const differences: PathReport['differences'] = {}
  const note = (found: Differences, parameters: number): void => {
    for (const [measure, value] of Object.entries(found) as [Measure, number][]) {
      const before = differences[measure]?.value ?? 0
      differences[measure] = { value: Math.max(before, value), tolerance: tolerancesFor(parameters)[measure] }
    }
  }
  const report = (error?: string): PathReport => {
    const within = Object.values(differences).every(({ value, tolerance }) => value <= tolerance)
    return { path: folder.path, ok: within && !error, differences, seconds: (performance.now() - started) / 1000, ...(error ? { error } : {}) }
  }
  try {
    const names = await folder.names()
    if (names.includes('golden.json')) {
      const model = await bases.load(folder)
      note(await checkGolden(folder, model), model.parameters)
    }
    if (names.includes('golden-logits.json')) {
      const model = await bases.load(folder)
      note(await checkStory(folder, model), model.parameters)
    }
    if (names.includes('scores.json')) {
      const model = await bases.load(models.folder(await baseOfScores(folder)))
      note(await checkScores(folder, model, models), model.parameters)
    }
    if (names.includes('run.json')) {
      const model = await bases.load(models.folder((await readRun(folder)).base))
      const { steps: _, ...found } = await replayRun(folder, model)
      note(found, model.parameters)
    }
    return report(Object.keys(differences).length ? undefined : `holds no ${kinds.slice(0, -1).join(', ')} or ${kinds.at(-1)}`)
  } catch (error) {
    return report((error as Error).message)
  }
}

/** `ok    path  logits 2.1e-6 (≤ 1e-3)  …` */
export function reportLine({ path, ok, differences, seconds, error }: PathReport): string {
  const parts = Object.entries(differences).map(([measure, { value, tolerance }]) =>
    `${measure} ${Number.isInteger(value) ? value : value.toExponential(1)} (≤ ${tolerance})${value <= tolerance ? '' : ' !'}`)
  return `${ok ? 'ok  ' : 'FAIL'}  ${path}  ${[...parts, ...(error ? [error] : [])].join('  ')}  [${seconds.toFixed(1)} s]`
}
