import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const cache = join(import.meta.dirname, '..', '..', '.cache', 'packages')

/**
 * The folder of an npm package that is too heavy for everybody's install and
 * is fetched, once, where a test wants it.
 *
 * @param also further packages that are put beside it, e.g. its part for this platform.
 * @returns null, said aloud, where it cannot be had (no network): skip the test then.
 */
export function onDemandPackage(name: string, version: string, also: readonly string[] = []): string | null {
  const root = join(cache, `${name.replace('/', '+')}@${version}`)
  const folder = join(root, 'node_modules', name)
  const done = join(root, 'complete')
  if (existsSync(done)) return folder
  mkdirSync(root, { recursive: true })
  writeFileSync(join(root, 'package.json'), '{ "private": true }\n')
  const flags = ['--ignore-scripts', '--omit=dev', '--omit=optional', '--no-save', '--no-package-lock', '--no-audit', '--no-fund', '--loglevel=error']
  const result = spawnSync('npm', ['install', ...flags, `${name}@${version}`, ...also], {
    cwd: root, stdio: ['ignore', 2, 2], timeout: 300_000, shell: process.platform === 'win32',
  })
  if (result.status !== 0 || !existsSync(folder)) {
    console.warn(`The npm package ${name}@${version} cannot be had here: its tests are skipped.`)
    return null
  }
  writeFileSync(done, '')
  return folder
}
