/** `npm run node` as a person runs it. */
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { addFile } from '../../src/network/add/addFile.ts'
import { fetchFile } from '../../src/network/download/fetchFile.ts'
import { untilOnline } from '../../src/network/untilOnline.ts'
import { startRelay } from './startRelay.ts'

const root = join(import.meta.dirname, '..', '..')

interface Run { child: ChildProcess; line: Promise<Record<string, unknown>>; log: () => string; exit: Promise<number | null> }

function run(args: string[], env: NodeJS.ProcessEnv = {}): Run {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', 'devnet/relay.ts', '--host', '127.0.0.1', ...args], {
    cwd: root, env: { ...process.env, ...env },
  })
  let out = ''
  let log = ''
  const { promise, resolve } = Promise.withResolvers<Record<string, unknown>>()
  child.stdout.on('data', (data: Buffer) => {
    out += data.toString()
    if (out.includes('\n')) resolve(JSON.parse(out.slice(0, out.indexOf('\n'))) as Record<string, unknown>)
  })
  child.stderr.on('data', (data: Buffer) => { log += data.toString() })
  return { child, line: promise, log: () => log, exit: new Promise(resolve => child.on('exit', resolve)) }
}

test('it prints where it is, pins what it is told, is the same after a restart, and ends on Ctrl-C', async () => {
  const store = mkdtempSync(join(tmpdir(), 'lanista-node-'))
  const publisher = await startRelay()
  const cid = await addFile(publisher.node, new TextEncoder().encode('worth keeping'))

  const first = run(['--port', '0', '--store', store, '--relay', publisher.addresses[0]!, '--pin', cid])
  const { peerId, addresses } = await first.line as { peerId: string; addresses: string[] }
  expect(addresses[0]).toMatch(new RegExp(`^/ip4/127.0.0.1/tcp/\\d+/ws/p2p/${peerId}$`))
  while (!first.log().includes(`pinned ${cid}`)) await new Promise(resolve => setTimeout(resolve, 100))
  await publisher.stop()
  first.child.kill('SIGINT')
  expect(await first.exit).toBe(0)

  const second = run(['--port', '0', '--store', store, '--pinning-port', '0'], { PINNING_TOKEN: 'sixteen characters' })
  const again = await second.line as { peerId: string; addresses: string[]; pinning: string }
  expect(again.peerId).toBe(peerId)
  expect((await fetch(`${again.pinning}/pins`)).status).toBe(401)
  const reader = await startRelay({ relays: again.addresses })
  await untilOnline(reader.node)
  expect(new TextDecoder().decode(await fetchFile(reader.node, cid, { maxBytes: 100, timeout: 10_000 }))).toBe('worth keeping')
  await reader.stop()
  second.child.kill('SIGTERM')
  expect(await second.exit).toBe(0)
  rmSync(store, { recursive: true })
}, 60_000)

test('it says what is wrong with its options', async () => {
  const unknown = run(['--colour', 'blue'])
  expect(await unknown.exit).toBe(2)
  expect(unknown.log()).toMatch(/--colour[^]*npm run node/)
  const number = run(['--memory', '--port', 'many'])
  expect(await number.exit).toBe(2)
  expect(number.log()).toMatch(/--port needs a whole number/)
  const token = run(['--memory', '--port', '0', '--pinning-port', '0'], { PINNING_TOKEN: 'short' })
  expect(await token.exit).toBe(2)
  expect(token.log()).toMatch(/PINNING_TOKEN/)
})

test('a taken port is said to be taken', async () => {
  const other = await startRelay()
  const port = /tcp\/(\d+)/.exec(other.addresses[0]!)![1]!
  const late = run(['--memory', '--port', port])
  expect(await late.exit).toBe(1)
  expect(late.log()).toMatch(/--port/)
  await other.stop()
})
