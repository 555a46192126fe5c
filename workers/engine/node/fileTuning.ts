import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import type { TuningStore } from '../backend/tuning/tuning.ts'

/** Where this machine's tiles are kept: one JSON file for all models and commands. */
export const tuningFile = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'lanista', 'tuning.json')

/** Searched tiles in a file; delete it to search again. Node only. */
export function fileTuning(path = tuningFile): TuningStore {
  const read = async (): Promise<Record<string, unknown>> => {
    const text = await readFile(path, 'utf8').catch(() => '{}')
    try {
      return z.record(z.string(), z.unknown()).parse(JSON.parse(text))
    } catch {
      // A torn file holds nothing worth keeping.
      return {}
    }
  }
  return {
    get: async (key) => (await read())[key],
    async set(key, value) {
      const all = { ...await read(), [key]: value }
      await mkdir(dirname(path), { recursive: true })
      await writeFile(`${path}.part`, `${JSON.stringify(all, null, 1)}\n`)
      await rename(`${path}.part`, path)
    },
  }
}
