/**
 * Imports between folders go down only, as the README's map draws it.
 * A folder may import from itself and from what its row names.
 */
import { globSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { expect, test } from 'vitest'

const root = resolve(import.meta.dirname, '..')

/** Most specific folder first; `workers/protocol.ts` is the one door to the engine. */
const allowed: [folder: string, mayImport: string[]][] = [
  ['src/arena', []],
  ['src/data', ['src/arena']],
  ['src/store', ['src/arena', 'src/data', 'workers/protocol.ts']],
  ['src/network', ['src/arena', 'src/data', 'src/store', 'workers/protocol.ts']],
  ['src/chain', ['src/arena', 'src/data', 'src/store']],
  ['src/components', ['src/arena', 'src/data', 'src/chain', 'src/network', 'src/store', 'workers/protocol.ts']],
  ['src/workflows', ['src/arena', 'src/data', 'src/chain', 'src/network', 'src/store', 'workers/protocol.ts']],
  ['src/pages', ['src', 'workers/protocol.ts']],
  ['src', ['src', 'workers/protocol.ts']],
  ['workers/engine', ['src/arena', 'src/data', 'workers/protocol.ts']],
  ['workers', ['workers', 'src/arena', 'src/data']],
  ['devnet', ['devnet', 'src/arena', 'src/chain', 'src/data', 'src/network', 'src/workflows/createTask.ts', 'workers', 'tools']],
]

const sources = globSync(['src/**/*.{ts,svelte}', 'workers/**/*.ts', 'devnet/**/*.ts'], { cwd: root }).filter(
  (file) => !/\.test\.ts$/.test(file),
)

function importsOf(file: string): string[] {
  const text = readFileSync(join(root, file), 'utf8')
  const names = [...text.matchAll(/(?:from\s+|import\s*\(?\s*|new URL\(\s*)['"](\.[^'"]+)['"]/g)].map((match) => match[1]!)
  return names.map((name) => relative(root, resolve(root, dirname(file), name.replace(/\?.*$/, ''))))
}

const inside = (path: string, folder: string) => path === folder || path.startsWith(folder + '/')

test('there are sources to look at', () => expect(sources.length).toBeGreaterThan(20))

test('arrows between folders go down only', () => {
  const wrong: string[] = []
  for (const file of sources) {
    const [folder, targets] = allowed.find(([name]) => inside(file, name))!
    for (const target of importsOf(file)) {
      // A worker is started by its URL; that is a message away, not an import.
      if (/^workers\/\w+\.worker\.ts$/.test(target)) continue
      if (!inside(target, folder) && !targets.some((name) => inside(target, name))) wrong.push(`${file} → ${target}`)
    }
  }
  expect(wrong).toEqual([])
})
