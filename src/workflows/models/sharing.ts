/** Kept models for others: as one folder under a CID, or file by file for a task's spec. */
import { ArenaError } from '../../arena/errors.ts'
import type { BaseModelSpec } from '../../arena/taskSpec.ts'
import { addDirectory, addFile, announce, pin, type ArenaNode } from '../../network/index.ts'
import { database, type ModelRecord } from '../../store/database.ts'
import type { CachedModelFile, Progress } from '../../../workers/protocol.ts'
import { modelBytes, MODELS_TOPIC, readLibrary } from './library.svelte.ts'
import { askModels } from './modelsWorker.ts'

export class ModelFileLostError extends ArenaError {
  override name = 'ModelFileLostError'
  constructor(file: string) {
    super(`The model's ${file} is no longer in this browser.`, 'Delete the model on the Models page and bring it in again.')
  }
}

/** Adds a model to this browser's blocks, pins it and tells peers. @returns its CID. @throws ModelFileLostError */
export async function shareModel(
  node: ArenaNode, record: ModelRecord, { signal, onProgress }: { signal?: AbortSignal; onProgress?: (progress: Progress) => void } = {},
): Promise<string> {
  const total = modelBytes(record)
  const started = performance.now()
  let done = 0
  const onBytes = (bytes: number) => {
    done += bytes
    const rate = (done * 1000) / Math.max(1, performance.now() - started)
    onProgress?.({ done, total, unit: 'bytes', rate, millisecondsLeft: ((total - done) * 1000) / rate })
  }
  const files: Record<string, Blob> = {}
  for (const kept of record.files) files[kept.name] = await openKept(kept)
  const cid = await offer(node, record, await addDirectory(node, files, { signal, onBytes }), total)
  await database.models.update(record.id, { cid })
  await readLibrary()
  return cid
}

/** Tells peers again, after a reload, which models are shared from here. */
export async function offerShared(node: ArenaNode): Promise<void> {
  for (const record of await database.models.toArray()) {
    if (record.cid) announce(node, MODELS_TOPIC, record.cid, modelBytes(record))
  }
}

/** A kept model as a task names it: by address where it came from one, else by CIDs of files that this browser then shares. */
export async function modelSpecOf(node: ArenaNode, record: ModelRecord): Promise<BaseModelSpec> {
  const files = record.files.map(async (kept) => {
    const { name, sha256, size, url } = kept
    if (/^https?:/.test(url)) return { name, sha256, bytes: size, url }
    return { name, sha256, bytes: size, cid: await offer(node, record, await addFile(node, await openKept(kept)), size) }
  })
  return { id: record.name, revision: record.origin.text.slice(0, 100), parameters: record.description!.parameters, files: await Promise.all(files) }
}

/** @throws ModelFileLostError */
async function openKept({ key, name }: CachedModelFile): Promise<File> {
  const { file } = await askModels({ type: 'open', key })
  if (!file) throw new ModelFileLostError(name)
  return file
}

/** Pins what was added of a model and tells peers of it. */
async function offer(node: ArenaNode, { name }: ModelRecord, cid: string, bytes: number): Promise<string> {
  await pin(node, cid, { label: `model ${name}`, bytes })
  announce(node, MODELS_TOPIC, cid, bytes)
  return cid
}
