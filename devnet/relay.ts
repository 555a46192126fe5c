/**
 * `npm run node`: a relay and pinner that anyone can run.
 *
 * Prints one JSON line with its multiaddrs when it is ready; everything else
 * goes to stderr. Ctrl-C ends it.
 */
import { join } from 'node:path'
import { parseArgs } from 'node:util'

const HELP = `npm run node -- [options]

  --host ADDRESS       address to listen on (0.0.0.0)
  --port NUMBER        TCP port (4002)
  --store DIR          folder for identity, blocks and pins (.lanista-node)
  --memory             keep everything in memory and leave nothing behind
  --pin CID            pin this, whoever has it; may be repeated
  --max-bytes NUMBER   largest content to pin when a task announces it (67108864)
  --max-total NUMBER   bytes that all pins may take together (4294967296)
  --announce ADDRESS   multiaddr under which others reach it, e.g.
                       /dns4/relay.example/tcp/443/tls/ws; may be repeated
  --relay ADDRESS      another relay to stay connected with; may be repeated
  --pinning-port PORT  also offer the IPFS Pinning Service API on this port;
                       its access token is read from PINNING_TOKEN
`

function wholeNumber(text: string, option: string): number {
  const value = Number(text)
  if (Number.isSafeInteger(value) && value >= 0) return value
  console.error(`--${option} needs a whole number, got "${text}".\n\n${HELP}`)
  process.exit(2)
}

function readOptions() {
  try {
    return parseArgs({
      options: {
        host: { type: 'string', default: '0.0.0.0' },
        port: { type: 'string', default: '4002' },
        store: { type: 'string', default: join(process.cwd(), '.lanista-node') },
        memory: { type: 'boolean', default: false },
        pin: { type: 'string', multiple: true, default: [] },
        'max-bytes': { type: 'string', default: String(64 * 1024 * 1024) },
        'max-total': { type: 'string', default: String(4 * 1024 ** 3) },
        announce: { type: 'string', multiple: true, default: [] },
        relay: { type: 'string', multiple: true, default: [] },
        'pinning-port': { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    }).values
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${HELP}`)
    return process.exit(2)
  }
}

const values = readOptions()
if (values.help) {
  console.log(HELP)
  process.exit(0)
}

// Loaded only now: a wrong option is told at once.
const { startRelay } = await import('./relay/startRelay.ts')
const { startPinningApi } = await import('./relay/pinningApi.ts')

const relay = await startRelay({
  host: values.host,
  port: wholeNumber(values.port, 'port'),
  ...(values.memory ? {} : { store: values.store }),
  pins: values.pin,
  maxBytes: wholeNumber(values['max-bytes'], 'max-bytes'),
  maxTotalBytes: wholeNumber(values['max-total'], 'max-total'),
  ...(values.announce.length > 0 ? { announce: values.announce } : {}),
  relays: values.relay,
  onLog: line => console.error(line),
}).catch((error: Error) => {
  console.error(`The relay could not start: ${error.message}\nIs the port taken? Choose another one with --port.`)
  return process.exit(1)
})

async function offerPinning(port: string) {
  const token = process.env['PINNING_TOKEN'] ?? ''
  if (token.length < 16) {
    console.error('--pinning-port needs an access token of 16 characters or more in the variable PINNING_TOKEN.')
    await relay.stop()
    process.exit(2)
  }
  return await startPinningApi(relay, { token, host: values.host, port: wholeNumber(port, 'pinning-port') })
}
const pinning = values['pinning-port'] === undefined ? null : await offerPinning(values['pinning-port'])
console.log(JSON.stringify({ peerId: relay.node.peerId, addresses: relay.addresses, ...(pinning ? { pinning: pinning.url } : {}) }))

let isStopping = false
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    if (isStopping) process.exit(1)
    isStopping = true
    Promise.all([relay.stop(), pinning?.close()]).then(() => process.exit(0), () => process.exit(1))
  })
}
