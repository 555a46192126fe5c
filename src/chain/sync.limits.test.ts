/** The event sync against nodes with limits, over real HTTP: a proxy in front of anvil that has them. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { parseEther, type Abi } from 'viem'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { startLocalArena, type LocalArena } from '../../tests/helpers/localArena.ts'
import { defaultRules } from '../arena/defaultRules.ts'
import { keyCommitment } from '../arena/sealedShard.ts'
import { memoryEventStore } from '../store/chain.ts'
import { arenaAbi } from './abi.ts'
import { connect } from './client.ts'
import { RateLimitedError, RpcLimitError } from './errors.ts'
import { syncEvents } from './sync.ts'
import { createTask } from './writes/createTask.ts'
import { fundTask } from './writes/fundTask.ts'

const WORD = `0x${'12'.repeat(32)}` as const
let arena: LocalArena
let expected: unknown

beforeAll(async () => {
  arena = await startLocalArena()
  const creator = await arena.writer(1)
  const { taskId } = await createTask(creator, {
    specDigest: WORD, bounty: parseEther('1'), bond: parseEther('100'), trainerMinStake: parseEther('1'), validatorMinStake: parseEther('1'),
    clock: { start: 0, submit: 1e6, open: 100, validate: 100, reveal: 100, settle: 100, dispute: 100 },
    rules: defaultRules, shards: [{ keyHash: keyCommitment(WORD), plaintextDigest: WORD }],
  })
  for (let wei = 1n; wei <= 20n; wei++) await fundTask(creator, { taskId, token: arena.deployment.token, amount: wei })
  expected = (await synced(arena.url)).events
  expect(expected).toHaveLength(22)
})
afterAll(() => arena.stop())

const servers: Server[] = []
afterEach(() => { for (const server of servers.splice(0)) server.close() })

interface Call { id: number; method: string; params: [{ fromBlock: string; toBlock: string }] }
type Refusal = { status: number; text?: string } | { error: { code: number; message: string } } | { padding: number } | null

/** A node that may refuse, or blow up, its answers. */
async function node(judge: (call: Call) => Refusal): Promise<string> {
  const server = createServer((request, response) => {
    void (async () => {
      let text = ''
      for await (const chunk of request) text += String(chunk)
      const body = JSON.parse(text) as Call | Call[]
      const calls = Array.isArray(body) ? body : [body]
      const refusals = calls.map(judge)
      const status = refusals.find(refusal => refusal && 'status' in refusal)
      if (status && 'status' in status) {
        response.writeHead(status.status).end(status.text ?? '')
        return
      }
      const answer = await fetch(arena.url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(calls) })
      const results = (await answer.json() as { id: number }[]).map((result, index) => {
        const refusal = refusals[index]!
        if (refusal && 'error' in refusal) return { jsonrpc: '2.0', id: result.id, error: refusal.error }
        return refusal && 'padding' in refusal ? { ...result, padding: 'x'.repeat(refusal.padding) } : result
      })
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(Array.isArray(body) ? results : results[0]))
    })()
  })
  servers.push(server)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const rangeOf = ({ method, params }: Call) => (method === 'eth_getLogs' ? Number(params[0].toBlock) - Number(params[0].fromBlock) + 1 : 0)

async function synced(url: string, options: { firstPause?: number; signal?: AbortSignal } = {}) {
  const { rpc } = await connect(url)
  const store = memoryEventStore()
  const source = { rpc, addresses: [arena.deployment.arena], abi: arenaAbi as Abi, fromBlock: BigInt(arena.deployment.block) }
  await syncEvents(source, store, options)
  return { events: await store.events() }
}

it.each([
  ['a range cap', (call: Call) => (rangeOf(call) > 4 ? { error: { code: -32000, message: 'exceed maximum block range: 4' } } : null)],
  ['a cap on results', (call: Call) => (rangeOf(call) > 7 ? { error: { code: -32005, message: 'query returned more than 10000 results' } } : null)],
  ['a proxy\'s 413', (call: Call) => (rangeOf(call) > 5 ? { status: 413 } : null)],
  ['answers of more than 10 MiB', (call: Call) => (rangeOf(call) > 6 ? { padding: 11 * 2 ** 20 } : null)],
])('gets everything past %s', async (_name, judge) => {
  let refused = 0
  const { events } = await synced(await node(call => {
    const refusal = judge(call)
    if (refusal) refused++
    return refusal
  }))
  expect(events).toEqual(expected)
  expect(refused).toBeGreaterThan(0)
}, 30_000)

it.each([
  ['status 429', { status: 429, text: 'slow down' }],
  ['a code of its own', { error: { code: -32007, message: '15/second request limit reached' } }],
])('waits for a node that counts requests and says so by %s', async (_name, refusal) => {
  let asked = 0
  const { events } = await synced(await node(call => {
    if (call.method === 'eth_chainId' || ++asked % 8 === 0) return null
    return refusal
  }), { firstPause: 5 })
  expect(events).toEqual(expected)
  expect(asked).toBeGreaterThan(8)
}, 30_000)

it('gives up on a node that never stops refusing, and says which limit it was', async () => {
  const tooOften = await node(call => (call.method === 'eth_chainId' ? null : { status: 429 }))
  await expect(synced(tooOften, { firstPause: 1 })).rejects.toBeInstanceOf(RateLimitedError)
  const tooMuch = await node(call => (call.method === 'eth_getLogs' ? { error: { code: -32005, message: 'too many results' } } : null))
  await expect(synced(tooMuch)).rejects.toBeInstanceOf(RpcLimitError)
}, 60_000)

it('can be stopped while it waits', async () => {
  const url = await node(call => (call.method === 'eth_chainId' ? null : { status: 429 }))
  const controller = new AbortController()
  setTimeout(() => controller.abort(), 300)
  await expect(synced(url, { firstPause: 60_000, signal: controller.signal })).rejects.toThrow(/abort/)
}, 30_000)
