/** Relays at most that are asked for this tab's outside address; browsers slow down with more. */
const MAX_SERVERS = 3

/**
 * STUN servers for WebRTC: every relay is one, on its own port number over UDP.
 * @param relays Multiaddrs such as `/dns4/relay.example/tcp/4002/ws/p2p/…`.
 */
export function relayIceServers(relays: string[]): RTCIceServer[] {
  const urls = relays.flatMap(address => {
    const [, kind, host, port] = /^\/(ip4|ip6|dns|dns4|dns6)\/([^/]+)\/tcp\/(\d+)\//.exec(address) ?? []
    if (host === undefined || port === undefined) return []
    return [`stun:${kind === 'ip6' ? `[${host}]` : host}:${port}`]
  })
  return [...new Set(urls)].slice(0, MAX_SERVERS).map(url => ({ urls: url }))
}
