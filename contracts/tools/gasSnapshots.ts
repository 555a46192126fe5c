/**
 * Gas figures in the repository, and what a run measured. forge writes the figures anew at each run; here they are held
 * against those that stood before: more than the tolerance off, or an action more or less, fails.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { here } from './forge.ts'

/** Relative: noise of addresses and salts in calldata stays below it. */
export const GAS_TOLERANCE = 0.01
const file = join(here, 'snapshots', 'Arena.json')

export type GasFigures = Record<string, string>

export const readGas = (): GasFigures => JSON.parse(readFileSync(file, 'utf8')) as GasFigures
export const writeGas = (figures: GasFigures): void => { writeFileSync(file, `${JSON.stringify(figures, null, 2)}\n`) }

/** One line for each action whose gas is not what it was. */
export function gasChanges(before: GasFigures, after: GasFigures): string[] {
  const actions = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort()
  return actions.flatMap(action => {
    const [old, now] = [before[action], after[action]]
    if (old === undefined) return [`${action}: ${now}, not in the repository`]
    if (now === undefined) return [`${action}: ${old} in the repository, not measured`]
    return Math.abs(Number(now) - Number(old)) > GAS_TOLERANCE * Number(old) ? [`${action}: ${old} before, ${now} now`] : []
  })
}
