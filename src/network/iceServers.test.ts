import { expect, test } from 'vitest'
import { relayIceServers } from './iceServers.ts'

test('every relay is a STUN server, three at most, each once', () => {
  expect(relayIceServers([
    '/ip4/192.0.2.1/tcp/4002/ws/p2p/12D3KooW', '/ip4/192.0.2.1/tcp/4002/ws/p2p/12D3KooX', '/ip6/2001:db8::1/tcp/4002/ws/p2p/a',
    'nonsense', '/dns4/relay.example/tcp/443/tls/ws/p2p/b', '/dns4/fourth.example/tcp/443/tls/ws/p2p/b',
  ])).toEqual([{ urls: 'stun:192.0.2.1:4002' }, { urls: 'stun:[2001:db8::1]:4002' }, { urls: 'stun:relay.example:443' }])
})
