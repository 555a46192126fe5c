import { afterAll, expect, test } from 'vitest'
import { startRelay, type Relay } from '../../devnet/relay/startRelay.ts'
import { untilOnline } from './untilOnline.ts'

const started: Relay[] = []
afterAll(() => Promise.all(started.map(relay => relay.stop())))
async function start(...args: Parameters<typeof startRelay>): Promise<Relay> {
  const relay = await startRelay(...args)
  started.push(relay)
  return relay
}

test('an unusable address does not keep others from being used', async () => {
  const relay = await start()
  const node = await start({ relays: ['not a multiaddr', '/ip4/127.0.0.1/tcp/1/ws/p2p/12D3KooWDjxmggatVzSdjAT9a5AGtDJ4QtGQZW1GKCrzzw7uqb4i', ...relay.addresses] })
  await untilOnline(node.node)
  const states = node.node.state.get().relays
  expect(states.map(state => state.status)).toEqual(['unreachable', expect.stringMatching(/connecting|unreachable/), 'connected'])
  expect(states[0]!.error).toMatch(/not a multiaddr/)
})

test('a relay that becomes known later is dialed; a flood of addresses is cut', async () => {
  const relay = await start()
  const node = await start()
  node.node.relays.add(relay.addresses)
  await untilOnline(node.node)
  node.node.relays.add(Array.from({ length: 1000 }, (_, index) => `not a multiaddr ${index}`))
  expect(node.node.relays.state.get()).toHaveLength(24)
})

test('without a relay the wait ends with what to do', async () => {
  const node = await start()
  await expect(untilOnline(node.node, { timeout: 100 })).rejects.toMatchObject({ name: 'RelayUnreachableError', message: 'No relay is known.' })
  const control = new AbortController()
  const waiting = untilOnline(node.node, { signal: control.signal })
  control.abort(new Error('no more'))
  await expect(waiting).rejects.toThrow('no more')
})
