/**
 * Where this browser keeps checkpoints: in OPFS, or in IndexedDB where there is none or where it cannot replace a
 * file as a whole (Firefox's private windows, Safari before 26).
 */
import { Dexie, type EntityTable } from 'dexie'
import type { CheckpointStore } from './engine/training/checkpoint.ts'
import { opfsCheckpoints } from './engine/training/opfsCheckpoints.ts'

interface CheckpointRecord {
  runId: string
  bytes: Uint8Array<ArrayBuffer>
}

const database = new Dexie('lanista-checkpoints') as Dexie & { checkpoints: EntityTable<CheckpointRecord, 'runId'> }
database.version(1).stores({ checkpoints: 'runId' })

const indexedCheckpoints: CheckpointStore = {
  read: (runId) => database.checkpoints.get(runId).then((record) => record?.bytes ?? null),
  write: async (runId, bytes) => void (await database.checkpoints.put({ runId, bytes })),
  remove: (runId) => database.checkpoints.delete(runId),
}

/** The store to use; the same for all runs of this browser. */
export async function checkpointStore(): Promise<CheckpointStore> {
  if (typeof FileSystemFileHandle === 'undefined' || !('createWritable' in FileSystemFileHandle.prototype)) return indexedCheckpoints
  return navigator.storage.getDirectory().then(() => opfsCheckpoints, () => indexedCheckpoints)
}
