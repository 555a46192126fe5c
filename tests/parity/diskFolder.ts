import { openAsBlob, statSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Folder } from './folder.ts'

export function diskFolder(path: string): Folder {
  return {
    path,
    file: async (name) => (statSync(join(path, name), { throwIfNoEntry: false })?.isFile() ? openAsBlob(join(path, name)) : null),
    folder: (name) => diskFolder(join(path, name)),
    names: async () => (await readdir(path, { withFileTypes: true })).map((entry) => entry.name + (entry.isDirectory() ? '/' : '')).sort(),
  }
}
