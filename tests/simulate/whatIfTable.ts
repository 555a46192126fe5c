/** Answers of `whatIf.ts` as tables. */
import { table } from './document.ts'
import { percent } from './profit.ts'
import type { CopyingRow, CreatorRow } from './whatIf.ts'

export const copyingTable = (rows: readonly CopyingRow[]): string => table(
  ['others start from', 'baseline', 'copycat', 'near-copy', 'honest'],
  rows.map(({ kind, copycat, nearCopy, honest }) => [
    kind.buildsOn ? 'last round\'s best adapter' : 'their own', kind.championIsBase ? 'last round\'s best' : 'base model',
    percent(copycat), percent(nearCopy), percent(honest),
  ]))

export const creatorTable = (rows: readonly CreatorRow[]): string => table(
  ['its own part of the trainers\' stake', 'part of the bounty that its trainer takes', 'worth it where others put in more than'],
  rows.map(({ stake, takes }) => [`${(100 * stake).toFixed(0)} %`, percent(takes), `${(100 * (1 - takes.mean)).toFixed(0)} % of the bounty`]))
