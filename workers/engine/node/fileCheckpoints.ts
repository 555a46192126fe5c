import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { CheckpointStore } from '../training/checkpoint.ts'

/** Checkpoints as files of a folder; Node only. */
export function fileCheckpoints(folder: string): CheckpointStore {
  const path = (runId: string): string => join(folder, `${encodeURIComponent(runId)}.safetensors`)
  return {
    async read(runId) {
      try {
        return new Uint8Array(await readFile(path(runId)))
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
        throw error
      }
    },
    async write(runId, bytes) {
      await mkdir(folder, { recursive: true })
      await writeFile(`${path(runId)}.part`, bytes)
      await rename(`${path(runId)}.part`, path(runId))
    },
    remove: (runId) => rm(path(runId), { force: true }),
  }
}
