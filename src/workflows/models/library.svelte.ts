/** The base models that this browser keeps, and those on their way in. */
import { fetchBlobs, type ArenaNode } from '../../network/index.ts'
import { database, type ModelRecord } from '../../store/database.ts'
import type { CachedModelFile, ModelSource, Progress } from '../../../workers/protocol.ts'
import { filesInWords, modelFromFiles, parseModelAddress, resolveModel, type ChosenFile } from './modelAddress.ts'
import { askModels } from './modelsWorker.ts'

/** The topic on which models are offered and looked for; tasks have their numbers. */
export const MODELS_TOPIC = 'models'
/** The largest model taken from peers, bytes. */
const MOST_BYTES = 64 * 2 ** 30

export const library = $state({
  /** Newest first; null until read. */
  models: null as ModelRecord[] | null,
  /** Files of tasks' models, cached on the way to training or scoring. */
  otherFiles: [] as CachedModelFile[],
  /** Bytes that this page has stored, and may store. */
  usage: 0,
  quota: 0,
  arrivals: [] as Arrival[],
  problem: null as unknown,
})

/** A model on its way into this browser. */
export class Arrival {
  readonly record: ModelRecord
  phase: 'arriving' | 'checking' | 'paused' | 'failed' = $state('arriving')
  progress: Progress | null = $state(null)
  error: unknown = $state.raw(null)
  readonly #source: (arrival: Arrival, signal: AbortSignal) => Promise<ModelSource>
  #model: ModelSource | null = null
  #abort = new AbortController()

  constructor(record: ModelRecord, source: (arrival: Arrival, signal: AbortSignal) => Promise<ModelSource>) {
    this.record = record
    this.#source = source
  }

  /** Brings it in, from where it stopped. */
  async run(): Promise<void> {
    this.phase = 'arriving'
    this.error = null
    this.#abort = new AbortController()
    const { signal } = this.#abort
    try {
      const model = (this.#model ??= await this.#source(this, signal))
      this.record.name = model.id
      const addresses = model.files.flatMap(({ name, source }) => (typeof source === 'string' ? [{ name, source }] : []))
      if (addresses.length) await database.models.put({ ...this.record, unfinished: addresses })
      const { files, description } = await askModels({ type: 'add', model }, {
        signal,
        onProgress: (progress, what) => {
          this.phase = what === 'loading' ? 'arriving' : 'checking'
          this.progress = progress
        },
      })
      await database.models.put({ ...this.record, unfinished: undefined, files, description })
      this.#leave()
      await readLibrary()
    } catch (error) {
      if (signal.aborted) return
      this.phase = 'failed'
      this.error = error
    }
  }

  pause(): void {
    this.phase = 'paused'
    this.#abort.abort()
  }

  /** Gives it up and deletes what came. */
  async cancel(): Promise<void> {
    this.#abort.abort()
    this.#leave()
    await database.models.delete(this.record.id)
    if (this.#model) await askModels({ type: 'discard', model: this.#model })
    await readLibrary()
  }

  #leave(): void {
    library.arrivals = library.arrivals.filter((arrival) => arrival.record.id !== this.record.id)
  }
}

/** Reads what is here; downloads that a closed tab left behind wait to be taken up again. */
export async function readLibrary(): Promise<void> {
  try {
    const records = await database.models.orderBy('addedAt').reverse().toArray()
    const { files } = await askModels({ type: 'list' })
    const keys = new Set(files.map(({ key }) => key))
    library.models = records.filter((record) => record.description && record.files.every(({ key }) => keys.has(key)))
    const ours = new Set(records.flatMap((record) => record.files.map(({ key }) => key)))
    const arriving = new Set(records.flatMap((record) => record.unfinished?.map(({ source }) => source) ?? []))
    library.otherFiles = files.filter(({ key, url }) => !ours.has(key) && !arriving.has(url))
    for (const record of records.filter(({ unfinished }) => unfinished)) {
      if (library.arrivals.some((arrival) => arrival.record.id === record.id)) continue
      const left = new Arrival(record, async () => ({ id: record.name, files: record.unfinished! }))
      left.phase = 'paused'
      library.arrivals.push(left)
    }
    const { usage = 0, quota = 0 } = await navigator.storage.estimate()
    Object.assign(library, { usage, quota, problem: null })
  } catch (error) {
    library.problem = error
  }
}

/** @param text a Hugging Face id, or the address of a GGUF file or a folder. @throws ModelAddressError */
export function bringFromAddress(text: string): void {
  const address = parseModelAddress(text)
  begin({ kind: 'address', text: text.trim() }, address.id, (_, signal) => resolveModel(address, signal))
}

/** @throws ModelAddressError */
export function bringFromFiles(chosen: readonly ChosenFile[]): void {
  const model = modelFromFiles(chosen)
  begin({ kind: 'files', text: filesInWords(chosen) }, model.id, () => Promise.resolve(model))
}

/** Fetches a model that a peer shares. */
export function bringFromCid(node: ArenaNode, cid: string): void {
  begin({ kind: 'cid', text: cid }, cid, async (arrival, signal) => {
    const onProgress = (progress: Progress) => (arrival.progress = progress)
    const files = await fetchBlobs(node, cid, { maxBytes: MOST_BYTES, taskId: MODELS_TOPIC, signal, onProgress })
    const single = files.get('')
    const isGguf = single && new TextDecoder().decode(await single.slice(0, 4).arrayBuffer()) === 'GGUF'
    const model = modelFromFiles(single ? [{ path: isGguf ? 'model.gguf' : 'file', content: single }] : [...files].map(([path, content]) => ({ path, content })))
    return { ...model, id: `model ${cid.slice(-8)}` }
  })
}

function begin(origin: ModelRecord['origin'], name: string, source: ConstructorParameters<typeof Arrival>[1]): void {
  // Asked once; a browser that says no may clear models when its disk runs full.
  void navigator.storage.persist?.()
  library.arrivals.push(new Arrival({ id: crypto.randomUUID(), name, origin, addedAt: Date.now(), files: [] }, source))
  void library.arrivals.at(-1)!.run()
}

export async function deleteModel(record: ModelRecord): Promise<void> {
  await database.models.delete(record.id)
  const others = new Set((await database.models.toArray()).flatMap(({ files }) => files.map(({ key }) => key)))
  for (const { key } of record.files) if (!others.has(key)) await askModels({ type: 'delete', key })
  await readLibrary()
}

export async function deleteFile(key: string): Promise<void> {
  await askModels({ type: 'delete', key })
  await readLibrary()
}

/** A kept model as a source for the workers. */
export function librarySource(record: ModelRecord): ModelSource {
  return { id: record.name, files: record.files.map(({ key, name, sha256 }) => ({ name, source: `cache:${key}`, sha256 })) }
}

/** Bytes of a kept model's files. */
export const modelBytes = ({ files }: Pick<ModelRecord, 'files'>): number => files.reduce((sum, { size }) => sum + size, 0)
