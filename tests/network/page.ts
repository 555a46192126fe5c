/** What the browser test drives: the network's own functions, on `window`. */
import { IDBBlockstore } from 'blockstore-idb'
import { CID } from 'multiformats/cid'
import * as network from '../../src/network/index.ts'

let node: network.ArenaNode | null = null

function running(): network.ArenaNode {
  if (!node) throw new Error('start() first')
  return node
}

/** Bytes that are the same for the same seed, and do not compress or repeat. */
function noise(length: number, seed: number): Uint8Array {
  const bytes = new Uint8Array(length)
  let state = seed >>> 0 || 1
  for (let index = 0; index < length; index++) {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    bytes[index] = state
  }
  return bytes
}

async function sha256(bytes: Uint8Array): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>)
  return [...new Uint8Array(digest)].map(byte => byte.toString(16).padStart(2, '0')).join('')
}

const abort = new Map<string, AbortController>()

const api = {
  async start(relays: string[]) {
    node = await network.startNode({ relays, allowLoopback: true })
    return node.peerId
  },
  stop: () => running().stop(),
  state: () => ({ ...running().state.get(), transfers: running().state.get().transfers.map(t => ({ ...t, blocks: [...t.blocks] })) }),
  online: (timeout: number) => network.untilOnline(running(), { timeout }),
  async add(length: number, seed: number) {
    const bytes = noise(length, seed)
    return { cid: await network.addFile(running(), bytes), sha256: await sha256(bytes) }
  },
  async addFolder(length: number, seed: number) {
    const files = {
      'adapter_config.json': new TextEncoder().encode('{"peft_type":"LORA"}'),
      'adapter_model.safetensors': noise(length, seed),
    }
    return await network.addDirectory(running(), files)
  },
  announce: (task: string, cid: string, bytes: number) => network.announce(running(), task, cid, bytes),
  holders: (cid: string) => network.holders(running(), cid),
  pin: (cid: string) => network.pin(running(), cid),
  pins: () => network.listPins(running()),
  async fetchFile(cid: string, maxBytes: number, timeout: number, cancelAt?: number) {
    const control = new AbortController()
    abort.set(cid, control)
    const seen: number[] = []
    const started = performance.now()
    try {
      const bytes = await network.fetchFile(running(), cid, {
        maxBytes, timeout, signal: control.signal,
        onProgress: progress => {
          seen.push(progress.done)
          if (cancelAt !== undefined && progress.done >= cancelAt) control.abort()
        },
      })
      return { sha256: await sha256(bytes), bytes: bytes.byteLength, seen, ms: performance.now() - started }
    } catch (error) {
      return { error: (error as Error).name, message: (error as Error).message, advice: (error as { advice?: string }).advice, seen }
    }
  },
  async fetchFolder(cid: string, maxBytes: number, timeout: number) {
    try {
      const files = await network.fetchDirectory(running(), cid, { maxBytes, timeout })
      return Object.fromEntries(await Promise.all(Object.entries(files).map(async ([name, bytes]) => [name, await sha256(bytes)])))
    } catch (error) {
      return { error: (error as Error).name }
    }
  },
  /** Replaces a held block's bytes by others under the same CID, as a liar's store would have them. */
  async spoil(cid: string) {
    const store = new IDBBlockstore('lanista-blocks')
    await store.open()
    await store.put(CID.parse(cid), noise(5000, 99))
    await store.close()
  },
}

export type PageApi = typeof api
Object.assign(window, { network: api })
