/**
 * Tiles that were searched on this browser's GPUs. They concern workers alone,
 * so these keep them in a database of their own and no message is needed.
 */
import { Dexie, type EntityTable } from 'dexie'
import type { TuningStore } from './engine/backend/tuning/tuning.ts'

interface TileRecord {
  /** Adapter, driver and kind of product. */
  key: string
  tile: unknown
}

const database = new Dexie('lanista-tuning') as Dexie & { tiles: EntityTable<TileRecord, 'key'> }
database.version(1).stores({ tiles: 'key' })

/** Without storage (a private window) nothing is kept, and tuning goes on. */
export const tuningStore: TuningStore = {
  get: (key) => database.tiles.get(key).then((record) => record?.tile, () => undefined),
  set: (key, tile) => database.tiles.put({ key, tile }).then(() => undefined, () => undefined),
}
