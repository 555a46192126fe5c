/** Serves the built page together with `arena.json`, which tells it where the chain is. */
import { join } from 'node:path'
import { preview } from 'vite'
import { freePort } from './chain.ts'

export interface PageServer {
  url: string
  stop(): Promise<void>
}

/** @param arena Contents of `arena.json`. */
export async function servePage(arena: object, options: { port?: number } = {}): Promise<PageServer> {
  const server = await preview({
    root: join(import.meta.dirname, '..'),
    logLevel: 'warn',
    preview: {
      host: '127.0.0.1',
      port: await freePort(options.port),
      strictPort: true,
      // Cross-origin isolation lets WebAssembly use several threads.
      headers: { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' },
    },
    plugins: [
      {
        name: 'arena.json',
        configurePreviewServer: ({ middlewares }) => {
          middlewares.use('/arena.json', (_request, response) => {
            response.setHeader('Content-Type', 'application/json')
            response.end(JSON.stringify(arena))
          })
        },
      },
    ],
  })
  return { url: server.resolvedUrls!.local[0]!, stop: () => server.close() }
}
