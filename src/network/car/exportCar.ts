import { CarWriter } from '@ipld/car'
import type { CID } from 'multiformats/cid'
import * as raw from 'multiformats/codecs/raw'
import * as dagPb from '@ipld/dag-pb'
import type { ArenaNode } from '../arenaNode.ts'
import { digestKey, parseCid } from '../cid.ts'
import { heldBlock } from '../download/blocks.ts'
import { NotHeldHereError } from '../errors.ts'

/**
 * A held DAG as a CAR (version 1) file, root first, each block once.
 * @throws NotHeldHereError when a block is missing or broken here.
 * @see https://ipld.io/specs/transport/car/carv1/
 */
export async function* exportCar(
  node: Pick<ArenaNode, 'helia'>, cid: string, options: { signal?: AbortSignal } = {},
): AsyncGenerator<Uint8Array> {
  const root = parseCid(cid)
  const { writer, out } = CarWriter.create([root])
  const seen = new Set<string>()
  let failure: unknown = null

  async function write(): Promise<void> {
    const queue: CID[] = [root]
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      options.signal?.throwIfAborted()
      if (seen.has(digestKey(next))) continue
      seen.add(digestKey(next))
      const bytes = await heldBlock(node, next)
      if (!bytes) throw new NotHeldHereError(cid)
      await writer.put({ cid: next, bytes })
      if (next.code !== raw.code) queue.unshift(...dagPb.decode(bytes).Links.map(link => link.Hash))
    }
  }

  const done = write().catch((error: unknown) => { failure = error }).finally(() => writer.close())
  for await (const bytes of out) {
    if (failure !== null) break
    yield bytes
  }
  await done
  if (failure !== null) throw failure
}
