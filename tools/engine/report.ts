import { stderr } from 'node:process'
import { writeFileSync } from 'node:fs'
import type { Progress } from '../../workers/protocol.ts'
import { UsageError } from './options.ts'

/** Shows how far a task is, on one line that is overwritten; nothing where stderr is no terminal. */
export function showProgress(what: string, { done, total, unit, rate, millisecondsLeft }: Progress): void {
  if (!stderr.isTTY) return
  const left = millisecondsLeft === null ? '' : `, ${duration(millisecondsLeft)} left`
  stderr.write(`\r\x1b[K${what}: ${Math.round((100 * done) / total)} % of ${amount(total, unit)}, ${amount(rate, unit)}/s${left}`)
  if (done >= total) stderr.write('\r\x1b[K')
}

/** Shows how far the search for the fastest kernels is. */
export function showTuning(progress: Progress, product: string): void {
  showProgress(`searching the fastest kernel for this GPU: ${product}`, progress)
}

/** A line that stays. */
export function tell(line: string): void {
  if (stderr.isTTY) stderr.write('\r\x1b[K')
  console.log(line)
}

function amount(value: number, unit: Progress['unit']): string {
  return unit === 'bytes' ? `${(value / 2 ** 20).toFixed(1)} MiB` : `${value < 10 ? value.toFixed(1) : Math.round(value)} ${unit}`
}

export function duration(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000)
  return seconds < 90 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`
}

/** The most memory that this process has had, in bytes. */
export function peakMemory(): number {
  return process.resourceUsage().maxRSS * 1024
}

/** Writes numbers as JSON where `--json` asks for it. */
export function writeJson(path: string | undefined, value: unknown): void {
  if (path !== undefined) writeFileSync(path, `${JSON.stringify(value, null, 1)}\n`)
}

/** Runs a command and ends the process: 0, 1 where it failed, 2 where it was called wrongly. */
export async function runCommand(command: () => Promise<void>): Promise<never> {
  try {
    await command()
    process.exit(0)
  } catch (error) {
    const { name, message, advice } = error as Error & { advice?: string }
    if (stderr.isTTY) stderr.write('\r\x1b[K')
    console.error(error instanceof UsageError ? message : `${name}: ${message}`)
    if (advice) console.error(advice)
    if (process.env.DEBUG) console.error(error)
    process.exit(error instanceof UsageError ? 2 : 1)
  }
}
