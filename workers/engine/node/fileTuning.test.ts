import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { MatmulTile } from '../ops/wgsl/tile.ts'
import { fileTuning } from './fileTuning.ts'

it('keeps tiles in a file, and begins anew where it is torn', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'lanista-tuning-'))
  const path = join(folder, 'deeper', 'tuning.json')
  const tile: MatmulTile = { strategy: 'shared', m: 4, n: 4, threadsM: 8, threadsN: 8, depth: 16 }
  expect(await fileTuning(path).get('a')).toBeUndefined()
  await fileTuning(path).set('a', tile)
  await fileTuning(path).set('b', { ...tile, depth: 32 })
  expect(await fileTuning(path).get('a')).toEqual(tile)
  expect(await fileTuning(path).get('b')).toEqual({ ...tile, depth: 32 })
  writeFileSync(path, '{"a": {"strat')
  expect(await fileTuning(path).get('a')).toBeUndefined()
  rmSync(folder, { recursive: true })
})
