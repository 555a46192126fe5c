import type { CheckpointStore } from './checkpoint.ts'

const folder = 'checkpoints'

/** Checkpoints in the browser's origin-private file system; for workers. */
export const opfsCheckpoints: CheckpointStore = {
  async read(runId) {
    try {
      const handle = await (await directory()).getFileHandle(fileName(runId))
      return new Uint8Array(await (await handle.getFile()).arrayBuffer())
    } catch (error) {
      if ((error as Error).name === 'NotFoundError') return null
      throw error
    }
  },
  async write(runId, bytes) {
    // A writable writes to a copy, which takes the file's place when it is closed.
    const handle = await (await directory()).getFileHandle(fileName(runId), { create: true })
    const writable = await handle.createWritable()
    await writable.write(bytes)
    await writable.close()
  },
  async remove(runId) {
    try {
      await (await directory()).removeEntry(fileName(runId))
    } catch (error) {
      if ((error as Error).name !== 'NotFoundError') throw error
    }
  },
}

async function directory(): Promise<FileSystemDirectoryHandle> {
  return (await navigator.storage.getDirectory()).getDirectoryHandle(folder, { create: true })
}

function fileName(runId: string): string {
  return `${encodeURIComponent(runId)}.safetensors`
}
