/** What the random walks of contracts/test/Solvency.t.sol did: each writes a line a run into a file of its own. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { here } from './forge.ts'

export interface WalkFigures {
  walks: number
  runs: number
  calls: number
  /** Disputes that changed a consensus. */
  upheld: number
  /** How often each act succeeded. */
  done: Map<string, number>
}

/** Names of contracts/test/helpers/Crowd.sol's acts, in their order. */
function actNames(): string[] {
  const body = /enum Act \{([^}]+)\}/.exec(readFileSync(join(here, 'test', 'helpers', 'Crowd.sol'), 'utf8'))?.[1]
  if (!body) throw new Error('contracts/test/helpers/Crowd.sol has no enum Act; the walks cannot be read without its names.')
  return body.split(',').map(name => name.trim())
}

/** Sums over all lines in the folder's files: calls, disputes upheld, successes by act. */
export function readWalks(folder: string): WalkFigures {
  const names = actNames()
  const files = readdirSync(folder)
  const rows = files.flatMap(file => readFileSync(join(folder, file), 'utf8').trim().split('\n')
    // forge ends the last run twice.
    .filter((line, i, lines) => line !== lines[i - 1])
    .map(line => line.split(' ').map(Number)))
  const wrong = rows.find(row => row.length !== 2 + names.length || !row.every(Number.isSafeInteger))
  if (wrong) throw new Error(`A walk wrote "${wrong.join(' ')}"; expected calls, upheld and ${names.length} acts.`)
  const sum = (column: number) => rows.reduce((total, row) => total + row[column]!, 0)
  return {
    walks: files.length,
    runs: rows.length,
    calls: sum(0),
    upheld: sum(1),
    done: new Map(names.map((name, i) => [name, sum(2 + i)])),
  }
}

/** @throws where the walks made fewer than `least` calls, or something in them never happened. */
export function demandWalks({ calls, upheld, done }: WalkFigures, least: number): void {
  if (calls < least) throw new Error(`The walks made ${calls.toLocaleString('en')} calls, expected ${least.toLocaleString('en')}. Were runs or depth set to less?`)
  const never = [...done].filter(([, count]) => count === 0).map(([name]) => name)
  if (upheld === 0) never.push('a dispute upheld')
  if (never.length > 0) throw new Error(`It never came to this in ${calls.toLocaleString('en')} calls: ${never.join(', ')}.`)
}
