import { createReadStream, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { createServer } from 'node:http'
import type { ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { extname, join, normalize, sep } from 'node:path'
import { build } from 'vite'
import { diskFolder } from './diskFolder.ts'

const types: Record<string, string> = { '.html': 'text/html', '.js': 'text/javascript', '.wasm': 'application/wasm' }

/**
 * Builds the parity page and serves it to this machine, together with files
 * and listings of some folders.
 *
 * @param folders absolute paths; nothing outside them is served.
 */
export async function servePage(folders: readonly string[]): Promise<{ url: string; close(): Promise<void> }> {
  const outDir = mkdtempSync(join(tmpdir(), 'lanista-parity-'))
  await build({
    root: import.meta.dirname, base: './', configFile: join(import.meta.dirname, '../../vite.config.ts'), logLevel: 'error',
    build: { outDir, emptyOutDir: true, target: 'es2023', minify: false, chunkSizeWarningLimit: 10_000, rolldownOptions: { input: join(import.meta.dirname, 'page.html') } },
  })
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://page')
    if (pathname === '/files') void sendFile(normalize(searchParams.get('path') ?? ''), folders, response)
    else sendPage(join(outDir, normalize(pathname)), response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/page.html`,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      rmSync(outDir, { recursive: true, force: true })
    },
  }
}

async function sendFile(path: string, folders: readonly string[], response: ServerResponse): Promise<void> {
  const allowed = folders.some((folder) => (path + sep).startsWith(folder + sep))
  const stats = allowed ? statSync(path, { throwIfNoEntry: false }) : undefined
  if (stats?.isDirectory()) response.end(JSON.stringify(await diskFolder(path).names()))
  else if (stats) createReadStream(path).pipe(response)
  else response.writeHead(404).end()
}

function sendPage(path: string, response: ServerResponse): void {
  try {
    const body = readFileSync(path)
    response.writeHead(200, { 'content-type': types[extname(path)] ?? 'application/octet-stream' }).end(body)
  } catch {
    response.writeHead(404).end()
  }
}
