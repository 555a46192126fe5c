/** Serves the page together with `arena.json`, which tells it where the chain is. */
import { join } from 'node:path'
import { createServer, preview, type Connect, type Plugin } from 'vite'
import { freePort } from './chain.ts'

export interface PageServer {
  url: string
  stop(): Promise<void>
}

export interface ServeOptions {
  port?: number
  /** Serve the sources, rebuilt as they change, instead of the built page. */
  sources?: boolean
}

const root = join(import.meta.dirname, '..')

/** Cross-origin isolation lets WebAssembly use several threads. */
const headers = { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' }

/** @param arena Contents of `arena.json`. */
export async function servePage(arena: object, { port, sources = false }: ServeOptions = {}): Promise<PageServer> {
  const place = { host: '127.0.0.1', port: await freePort(port), strictPort: true, headers }
  const plugins = [arenaJson(arena)]
  if (!sources) {
    const server = await preview({ root, logLevel: 'warn', preview: place, plugins })
    return { url: server.resolvedUrls!.local[0]!, stop: () => server.close() }
  }
  const server = await createServer({ root, logLevel: 'warn', server: place, plugins })
  await server.listen()
  return { url: server.resolvedUrls!.local[0]!, stop: () => server.close() }
}

function arenaJson(arena: object): Plugin {
  const serve = ({ middlewares }: { middlewares: Connect.Server }): void => {
    middlewares.use('/arena.json', (_request, response) => {
      response.setHeader('Content-Type', 'application/json')
      response.end(JSON.stringify(arena))
    })
  }
  return { name: 'arena.json', configurePreviewServer: serve, configureServer: serve }
}
