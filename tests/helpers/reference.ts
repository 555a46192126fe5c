import { existsSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..', '..', '..', 'shared')

/**
 * The path of a file or folder of the reference data, which lies beside the
 * checkout (`../shared/models/…`, `../shared/data/…`) and is no part of it.
 *
 * @returns null where it is missing; say so with {@link missingReference}.
 */
export function referencePath(...parts: string[]): string | null {
  const path = join(root, ...parts)
  return existsSync(path) ? path : null
}

/** What a skipped test says. */
export function missingReference(...parts: string[]): string {
  return `reference data ../shared/${parts.join('/')} is not there: skipped`
}
