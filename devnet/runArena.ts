import { startArena } from './arena.ts'
import { keepTasksOpen } from './keepTasksOpen.ts'
import { startParticipants } from './participants/startParticipants.ts'
import { servePage } from './serve.ts'

/** Runs the local arena and its page until Ctrl-C. */
export async function runArena(options: { participants: boolean; sources: boolean; port: number; rpcPort: number }): Promise<void> {
  const endings: (() => Promise<void> | void)[] = []
  let ending: Promise<void> | undefined
  const end = (code: number): Promise<void> =>
    (ending ??= (async () => {
      for (const action of endings.reverse()) await action()
      process.exit(code)
    })())
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void end(0))

  try {
    const arena = await startArena({ rpcPort: options.rpcPort, log: console.log })
    endings.push(() => arena.stop())
    endings.push(keepTasksOpen(arena, console.log))
    const page = await servePage({ rpcUrl: arena.rpcUrl, deployment: arena.deployment }, { port: options.port, sources: options.sources })
    endings.push(() => page.stop())
    console.log(`\n  Lanista is open at ${page.url}\n  Chain: ${arena.rpcUrl}   Relay: ${arena.relay.addresses[0]}\n  Ctrl-C ends it.\n`)
    if (options.participants) endings.push(await startParticipants(arena, console.log))
  } catch (error) {
    console.error(`The local arena could not start: ${(error as Error).message}`)
    await end(1)
  }
}
