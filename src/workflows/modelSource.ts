import type { BaseModelSpec } from '../arena/taskSpec.ts'
import type { ModelSource } from '../../workers/protocol.ts'

/**
 * A task's base model as a source for the workers; each file is hashed there.
 * @param fetchCid Brings a file that only has a CID from the network.
 */
export async function modelSource(model: BaseModelSpec, fetchCid: (cid: string, bytes: number) => Promise<Uint8Array>): Promise<ModelSource> {
  const files = model.files.map(async ({ name, sha256, bytes, url, cid }) => ({
    name,
    sha256,
    // Relative addresses are meant from the page, and a worker has another base.
    source: url === undefined ? new Blob([(await fetchCid(cid!, bytes)) as Uint8Array<ArrayBuffer>]) : new URL(url, document.baseURI).href,
  }))
  return { id: model.id, files: await Promise.all(files) }
}
