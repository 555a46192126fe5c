import { createReadStream, statSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import { normalize, sep } from 'node:path'
import type { Handler } from '../helpers/servePage.ts'
import { diskFolder } from './diskFolder.ts'

/**
 * Serves files and listings of some folders as `/files?path=…`.
 *
 * @param folders absolute paths; nothing outside them is served.
 */
export function serveFolders(folders: readonly string[]): Handler {
  return ({ pathname, searchParams }, _request, response) => {
    if (pathname !== '/files') return false
    const path = normalize(searchParams.get('path') ?? '')
    const allowed = folders.some((folder) => (path + sep).startsWith(folder + sep))
    void send(path, allowed, response)
    return true
  }
}

async function send(path: string, allowed: boolean, response: ServerResponse): Promise<void> {
  const stats = allowed ? statSync(path, { throwIfNoEntry: false }) : undefined
  if (stats?.isDirectory()) response.end(JSON.stringify(await diskFolder(path).names()))
  else if (stats) createReadStream(path).pipe(response)
  else response.writeHead(404).end()
}
