/** The local chain: Foundry's anvil, alone with its state in memory. */
import { spawn } from 'node:child_process'
import { createServer } from 'node:net'
import { createPublicClient, http } from 'viem'
import { foundry } from 'viem/chains'

export interface LocalChain {
  rpcUrl: string
  stop(): Promise<void>
}

/** A TCP port on the loopback interface that nobody uses now. */
export function freePort(wanted = 0): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', (error) => (wanted === 0 ? reject(error) : resolve(freePort(0))))
    server.listen(wanted, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })
}

/**
 * Starts anvil; blocks come with every transaction and every second, so that
 * the clock of the phases runs on when nobody acts.
 * @throws Error when the chain does not answer within 20 seconds.
 */
export async function startChain(options: { port?: number } = {}): Promise<LocalChain> {
  const port = await freePort(options.port)
  const rpcUrl = `http://127.0.0.1:${port}`
  const child = spawn('anvil', ['--port', String(port), '--prune-history', '64', '--mixed-mining', '--block-time', '1', '--silent'], {
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  child.once('error', (error) => console.error(`anvil could not be started: ${error.message}`))
  const client = createPublicClient({ chain: foundry, transport: http(rpcUrl, { retryCount: 0 }) })
  const deadline = Date.now() + 20_000
  for (;;) {
    try {
      await client.getBlockNumber()
      break
    } catch (cause) {
      if (Date.now() > deadline || child.exitCode !== null) {
        child.kill('SIGKILL')
        throw new Error(`The local chain did not answer at ${rpcUrl} within 20 s. Is the port taken?`, { cause })
      }
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }
  return {
    rpcUrl,
    async stop() {
      child.kill('SIGTERM')
      const timer = setTimeout(() => child.kill('SIGKILL'), 5000)
      await ended
      clearTimeout(timer)
    },
  }
}
