/**
 * A STUN server (RFC 8489, binding requests only) on the relay's own port
 * number over UDP: a tab behind a router learns the address under which others
 * see it, and nobody's outside server is needed for that.
 */
import { createSocket, type RemoteInfo } from 'node:dgram'

const HEADER = 20
const COOKIE = 0x2112a442
const BINDING_REQUEST = 0x0001
const BINDING_RESPONSE = 0x0101
const XOR_MAPPED_ADDRESS = 0x0020
/** Larger requests than any browser makes are not answered. */
const MAX_REQUEST = 548

/** The answer to a binding request, or null for anything else. It is never much longer than the request. */
export function bindingResponse(request: Buffer, { address, port, family }: Pick<RemoteInfo, 'address' | 'port' | 'family'>): Buffer | null {
  if (request.length < HEADER || request.length > MAX_REQUEST || request.readUInt16BE(0) !== BINDING_REQUEST) return null
  if (request.readUInt32BE(4) !== COOKIE || request.readUInt16BE(2) !== request.length - HEADER) return null
  const isV4 = family === 'IPv4'
  const bytes = isV4 ? Buffer.from(address.split('.').map(Number)) : ipv6Bytes(address)
  if (bytes === null) return null
  const response = Buffer.alloc(HEADER + 8 + bytes.length)
  response.writeUInt16BE(BINDING_RESPONSE, 0)
  response.writeUInt16BE(8 + bytes.length, 2)
  request.copy(response, 4, 4, HEADER)
  response.writeUInt16BE(XOR_MAPPED_ADDRESS, HEADER)
  response.writeUInt16BE(4 + bytes.length, HEADER + 2)
  response.writeUInt8(isV4 ? 1 : 2, HEADER + 5)
  response.writeUInt16BE(port ^ (COOKIE >>> 16), HEADER + 6)
  // Section 14.2: an address is XORed with the cookie, and beyond it with the transaction id.
  for (const [index, byte] of bytes.entries()) response.writeUInt8(byte ^ request.readUInt8(4 + index), HEADER + 8 + index)
  return response
}

function ipv6Bytes(address: string): Buffer | null {
  const [head = '', tail] = address.replace(/%.*$/, '').split('::')
  const groups = (text: string) => text.split(':').filter(group => group !== '')
  const front = groups(head)
  const back = tail === undefined ? [] : groups(tail)
  const all = tail === undefined ? front : [...front, ...Array<string>(8 - front.length - back.length).fill('0'), ...back]
  if (all.length !== 8 || !all.every(group => /^[0-9a-f]{1,4}$/i.test(group))) return null
  return Buffer.from(all.flatMap(group => [parseInt(group, 16) >> 8, parseInt(group, 16) & 0xff]))
}

/**
 * Starts it; a port that is taken over UDP leaves the relay without STUN, which
 * is no reason not to run.
 * @returns the way to end it.
 */
export async function startStun(host: string, port: number, onLog: (line: string) => void): Promise<() => Promise<void>> {
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4')
  socket.on('message', (request, from) => {
    const response = bindingResponse(request, from)
    if (response) socket.send(response, from.port, from.address, () => undefined)
  })
  const started = await new Promise<boolean>(resolve => {
    socket.once('error', error => {
      onLog(`no STUN on UDP port ${port}: ${error.message}`)
      resolve(false)
    })
    socket.bind(port, host, () => resolve(true))
  })
  socket.on('error', () => undefined)
  return () => new Promise(resolve => {
    if (started) socket.close(() => resolve())
    else resolve()
  })
}
