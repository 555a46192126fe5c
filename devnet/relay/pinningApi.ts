/**
 * The IPFS Pinning Service API over a relay's pinner, so that whoever runs one
 * can offer it to named friends: each request needs the access token.
 * @see https://ipfs.github.io/pinning-services-api-spec/
 */
import { createHash, randomUUID, timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { multiaddr } from '@multiformats/multiaddr'
import { z } from 'zod'
import { isCid } from '../../src/arena/cid.ts'
import { listPins, unpin } from '../../src/network/pins.ts'
import type { Relay } from './startRelay.ts'

const pinSchema = z.object({
  cid: z.string().max(120).refine(isCid, 'must be a version 1 SHA-256 CID'),
  name: z.string().max(150).optional(),
  origins: z.array(z.string().max(400)).max(20).nullish(),
  meta: z.record(z.string().max(100), z.string().max(500)).nullish(),
})
type Status = 'queued' | 'pinning' | 'pinned' | 'failed'
interface PinRequest { requestid: string; status: Status; created: string; pin: { cid: string; name?: string }; details?: string }

const LABEL = /^service:([0-9a-f-]{36}):([^]*)$/
const DIAL_TIMEOUT = 10_000
const MAX_BODY = 32 * 1024
const MAX_REQUESTS = 10_000

export interface PinningApi {
  /** Address to give to people, without `/pins`. */
  url: string
  close(): Promise<void>
}

class HttpError extends Error {
  readonly status: number
  readonly reason: string
  constructor(status: number, reason: string, details: string) {
    super(details)
    this.status = status
    this.reason = reason
  }
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const parts: Buffer[] = []
  let bytes = 0
  for await (const part of request) {
    bytes += (part as Buffer).byteLength
    if (bytes > MAX_BODY) throw new HttpError(400, 'BAD_REQUEST', `more than ${MAX_BODY} bytes`)
    parts.push(part as Buffer)
  }
  try {
    return JSON.parse(Buffer.concat(parts).toString('utf8'))
  } catch {
    throw new HttpError(400, 'BAD_REQUEST', 'the body is not JSON')
  }
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()

/** Starts the API beside a running relay. */
export async function startPinningApi(
  relay: Relay, options: { token: string; host?: string; port?: number },
): Promise<PinningApi> {
  const requests = new Map<string, PinRequest>()
  for (const { cid, label, pinnedAt } of await listPins(relay.node)) {
    const [, requestid, name] = LABEL.exec(label) ?? []
    if (requestid === undefined) continue
    requests.set(requestid, { requestid, status: 'pinned', created: new Date(pinnedAt).toISOString(), pin: { cid, ...(name ? { name } : {}) } })
  }

  const answer = ({ details, ...request }: PinRequest) => ({
    ...request, delegates: relay.addresses, info: details === undefined ? {} : { status_details: details },
  })

  function add(body: unknown): PinRequest {
    const parsed = pinSchema.safeParse(body)
    if (!parsed.success) throw new HttpError(400, 'BAD_REQUEST', z.prettifyError(parsed.error))
    if (requests.size >= MAX_REQUESTS) throw new HttpError(409, 'INSUFFICIENT_FUNDS', 'no room for more pins')
    const { cid, name } = parsed.data
    const request: PinRequest = {
      requestid: randomUUID(), status: 'pinning', created: new Date().toISOString(), pin: { cid, ...(name === undefined ? {} : { name }) },
    }
    requests.set(request.requestid, request)
    dialOrigins(parsed.data.origins ?? [])
    relay.pinner.take(cid, { label: `service:${request.requestid}:${name ?? ''}` }).then(
      () => { request.status = 'pinned' },
      (error: Error) => {
        request.status = 'failed'
        request.details = error.message.slice(0, 500)
      })
    return request
  }

  function dialOrigins(origins: string[]): void {
    for (const origin of origins) {
      try {
        relay.node.helia.libp2p.dial(multiaddr(origin), { signal: AbortSignal.timeout(DIAL_TIMEOUT) }).catch(() => undefined)
      } catch {
        // A hint that is no multiaddr is no hint.
      }
    }
  }

  async function remove(requestid: string): Promise<void> {
    const request = requests.get(requestid)!
    requests.delete(requestid)
    if (![...requests.values()].some(other => other.pin.cid === request.pin.cid)) await unpin(relay.node, request.pin.cid)
  }

  function list(query: URLSearchParams): { count: number; results: ReturnType<typeof answer>[] } {
    const cids = query.get('cid')?.split(',')
    const states = query.get('status')?.split(',') ?? ['pinned']
    const limit = Math.min(Number(query.get('limit') ?? 10) || 10, 1000)
    const [before, after, name] = [query.get('before'), query.get('after'), query.get('name')]
    const found = [...requests.values()].filter(request =>
      (!cids || cids.includes(request.pin.cid)) && states.includes(request.status) && (name === null || request.pin.name === name)
      && (before === null || request.created < before) && (after === null || request.created > after))
    found.sort((a, b) => b.created.localeCompare(a.created))
    return { count: found.length, results: found.slice(0, limit).map(answer) }
  }

  async function handle(request: IncomingMessage): Promise<[status: number, body?: unknown]> {
    if (request.method === 'OPTIONS') return [204]
    const given = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? ''
    if (!timingSafeEqual(digest(given), digest(options.token))) throw new HttpError(401, 'UNAUTHORIZED', 'the access token is missing or wrong')
    const url = new URL(request.url ?? '/', 'http://pinner')
    const [, requestid] = /^\/pins(?:\/([0-9a-f-]{36}))?$/.exec(url.pathname) ?? []
    const known = requestid !== undefined && requests.get(requestid)
    if (url.pathname === '/pins' && request.method === 'GET') return [200, list(url.searchParams)]
    if (url.pathname === '/pins' && request.method === 'POST') return [202, answer(add(await readJson(request)))]
    if (!known) throw new HttpError(404, 'NOT_FOUND', 'there is no such pin')
    if (request.method === 'GET') return [200, answer(known)]
    if (request.method === 'DELETE') return [202, void await remove(known.requestid)]
    if (request.method === 'POST') {
      const next = add(await readJson(request))
      await remove(known.requestid)
      return [202, answer(next)]
    }
    throw new HttpError(400, 'BAD_REQUEST', `${request.method ?? 'this method'} means nothing here`)
  }

  const server = createServer((request, response) => {
    response.setHeader('access-control-allow-origin', '*')
    response.setHeader('access-control-allow-headers', 'authorization, content-type')
    response.setHeader('access-control-allow-methods', 'GET, POST, DELETE, OPTIONS')
    handle(request).catch((error: unknown): [number, unknown] => {
      const known = error instanceof HttpError ? error : new HttpError(500, 'INTERNAL_SERVER_ERROR', 'something went wrong here')
      return [known.status, { error: { reason: known.reason, details: known.message } }]
    }).then(([status, body]) => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(body === undefined ? undefined : JSON.stringify(body))
    })
  })
  const host = options.host ?? '127.0.0.1'
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port ?? 0, host, resolve)
  })
  return {
    url: `http://${host}:${(server.address() as AddressInfo).port}`,
    close: () => new Promise(resolve => {
      server.closeAllConnections()
      server.close(() => resolve())
    }),
  }
}
