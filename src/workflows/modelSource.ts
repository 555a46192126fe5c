import type { BaseModelSpec } from '../arena/taskSpec.ts'
import { fetchBlobs, type ArenaNode } from '../network/index.ts'
import type { CachedModelFile, ModelFile, ModelSource, Progress } from '../../workers/protocol.ts'
import { askModels } from './models/modelsWorker.ts'

export interface SourceOptions {
  signal?: AbortSignal
  /** Told of what peers send. */
  onProgress?: (what: string, progress: Progress) => void
}

/** Files that this browser keeps; none where it keeps no files at all. */
const keptFiles = () => askModels({ type: 'list' }).then(({ files }) => files, () => [])

/** A file of a task's model where it can be had at once: from this browser if it keeps the same bytes, or by address. */
function atHand({ name, sha256, url }: BaseModelSpec['files'][number], kept: readonly CachedModelFile[]): ModelFile | null {
  const same = kept.find((file) => file.sha256 === sha256)
  if (same) return { name, sha256, source: `cache:${same.key}` }
  // Relative addresses are meant from the page, and a worker has another base.
  return url === undefined ? null : { name, sha256, source: new URL(url, document.baseURI).href }
}

/** A task's base model as a source for the workers; what only has a CID is fetched from peers, and each file is hashed in the worker. */
export async function modelSource(node: ArenaNode, model: BaseModelSpec, taskId: string, { signal, onProgress }: SourceOptions = {}): Promise<ModelSource> {
  const kept = await keptFiles()
  const files = model.files.map(async (file): Promise<ModelFile> => {
    const there = atHand(file, kept)
    if (there) return there
    const { name, sha256, bytes, cid } = file
    const told = (progress: Progress) => onProgress?.(`Fetching ${name} from peers`, progress)
    const [content] = (await fetchBlobs(node, cid!, { maxBytes: bytes, taskId, signal, onProgress: told })).values()
    return { name, sha256, source: content! }
  })
  return { id: model.id, files: await Promise.all(files) }
}

/** The same as far as it needs no peers; null when some file has to come from them first. */
export async function modelHeaders(model: BaseModelSpec): Promise<ModelSource | null> {
  const kept = await keptFiles()
  const files = model.files.map((file) => atHand(file, kept))
  return files.every((file) => file !== null) ? { id: model.id, files } : null
}
