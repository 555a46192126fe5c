/**
 * `npm start`: builds the page, starts the local arena, serves both, prints the URL.
 * Ctrl-C ends everything; nothing stays behind.
 */
import { parseArgs } from 'node:util'
import '../tools/build.ts'
import { startArena } from './arena.ts'
import { keepTasksOpen } from './keepTasksOpen.ts'
import { servePage } from './serve.ts'

const HELP = `npm start -- [options]

  --participants     two scripted trainers and a validator take part with the same engine
  --port NUMBER      port of the page (4173, or any free one when it is taken)
  --rpc-port NUMBER  port of the chain (8545, or any free one when it is taken)
`

const { values } = parseArgs({
  options: {
    participants: { type: 'boolean', default: false },
    port: { type: 'string', default: '4173' },
    'rpc-port': { type: 'string', default: '8545' },
    help: { type: 'boolean', default: false },
  },
})
if (values.help) {
  console.log(HELP)
  process.exit(0)
}

const endings: (() => Promise<void> | void)[] = []
let ending: Promise<void> | undefined
function end(code: number): Promise<void> {
  return (ending ??= (async () => {
    for (const action of endings.reverse()) await action()
    process.exit(code)
  })())
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void end(0))

try {
  const arena = await startArena({ rpcPort: Number(values['rpc-port']), log: console.log })
  endings.push(() => arena.stop())
  endings.push(keepTasksOpen(arena, console.log))
  const page = await servePage({ rpcUrl: arena.rpcUrl, deployment: arena.deployment }, { port: Number(values.port) })
  endings.push(() => page.stop())
  if (values.participants) {
    const { startParticipants } = await import('./participants.ts')
    endings.push(await startParticipants(arena, page.url, console.log))
  }
  console.log(`\n  Lanista is open at ${page.url}\n  Chain: ${arena.rpcUrl}   Relay: ${arena.relay.addresses[0]}\n  Ctrl-C ends it.\n`)
} catch (error) {
  console.error(`The local arena could not start: ${(error as Error).message}`)
  await end(1)
}
