import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

/** A running local chain. */
export interface Anvil {
  url: string
  pid: number
  /** Ends the process and waits until it is gone. */
  stop: () => Promise<void>
}

/**
 * Starts a fresh anvil on a free port. History is pruned: without that a long
 * run writes gigabytes below the home folder.
 * @throws Error when the binary is missing or does not come up within 20 s.
 */
export async function startAnvil(args: string[] = []): Promise<Anvil> {
  const child = spawn(anvilBinary(), ['--port', '0', ...(args.some(arg => arg.startsWith('--prune-history')) ? [] : ['--prune-history']), ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  const kill = () => { child.kill('SIGKILL') }
  process.once('exit', kill)
  const url = await new Promise<string>((resolve, reject) => {
    let output = ''
    const timer = setTimeout(() => { kill(); reject(new Error(`anvil did not come up within 20 s:\n${output}`)) }, 20_000)
    const read = (chunk: Buffer) => {
      output += chunk.toString()
      const address = /Listening on ([\d.]+:\d+)/.exec(output)?.[1]
      if (address) { clearTimeout(timer); resolve(`http://${address}`) }
    }
    child.stdout.on('data', read)
    child.stderr.on('data', read)
    child.once('error', reject)
    child.once('exit', code => { clearTimeout(timer); reject(new Error(`anvil ended with ${code}:\n${output}`)) })
  })
  // Keep the pipe empty, or anvil blocks once it is full.
  child.stdout.removeAllListeners('data').resume()
  child.stderr.removeAllListeners('data').resume()
  return {
    url,
    pid: child.pid!,
    stop: () => new Promise(resolve => {
      process.removeListener('exit', kill)
      if (child.exitCode !== null || child.signalCode !== null) { resolve(); return }
      child.once('exit', () => { resolve() })
      child.kill('SIGTERM')
      setTimeout(kill, 3000).unref()
    }),
  }
}

/** The native binary itself, not npm's wrapper: a signal then reaches the process that counts. */
function anvilBinary(): string {
  const platform = process.platform === 'win32' ? 'win32' : process.platform
  const architecture = process.arch === 'x64' ? 'amd64' : process.arch
  const require = createRequire(import.meta.url)
  const manifest = require.resolve(`@foundry-rs/anvil-${platform}-${architecture}/package.json`)
  return join(dirname(manifest), 'bin', process.platform === 'win32' ? 'anvil.exe' : 'anvil')
}
