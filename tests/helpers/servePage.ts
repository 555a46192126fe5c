import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { basename, dirname, extname, join, normalize } from 'node:path'
import { build } from 'vite'

const types: Record<string, string> = { '.html': 'text/html', '.js': 'text/javascript', '.wasm': 'application/wasm' }

/** Answers what is no file of the page; false: nothing there. */
export type Handler = (url: URL, request: IncomingMessage, response: ServerResponse) => boolean

/** Builds a test page as the app is built and serves it to this machine; `close` leaves nothing. */
export async function servePage(page: string, handle: Handler): Promise<{ url: string; close(): Promise<void> }> {
  const outDir = mkdtempSync(join(tmpdir(), 'lanista-page-'))
  await build({
    root: dirname(page), base: './', configFile: join(import.meta.dirname, '../../vite.config.ts'), logLevel: 'error',
    build: { outDir, emptyOutDir: true, target: 'es2023', minify: false, chunkSizeWarningLimit: 10_000, rolldownOptions: { input: page } },
  })
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://page')
    if (handle(url, request, response)) return
    try {
      const path = join(outDir, normalize(url.pathname))
      const body = readFileSync(path)
      response.writeHead(200, { 'content-type': types[extname(path)] ?? 'application/octet-stream' }).end(body)
    } catch {
      response.writeHead(404).end()
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/${basename(page)}`,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      rmSync(outDir, { recursive: true, force: true })
    },
  }
}
