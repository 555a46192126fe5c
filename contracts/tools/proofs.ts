/** The symbolic proofs of contracts/proofs: a project of copies that Halmos and Slither want, and one run of Halmos on it. */
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { here, root, toolPath } from './forge.ts'

/** Where the tools from PyPI are installed. */
export const pythonTools = join(root, '.cache', 'audit')
export const pythonBin = join(pythonTools, process.platform === 'win32' ? 'Scripts' : 'bin')

/** @returns what the command printed, and whether it ended well. @throws when it cannot be run. */
export function attempt(command: string, args: readonly string[], cwd: string): { output: string; ok: boolean } {
  const done = spawnSync(command, [...args], { cwd, encoding: 'utf8', maxBuffer: 1 << 28, env: { ...process.env, PATH: toolPath(), NO_COLOR: '1' } })
  if (done.error) throw new Error(`${command} cannot be run: ${done.error.message}. The audit needs Python 3.11 or newer with venv and pip.`)
  return { output: done.stdout + done.stderr, ok: done.status === 0 }
}

/** The same, printing it. @returns the output. @throws also when the command fails. */
export function run(command: string, args: readonly string[], cwd: string): string {
  console.log(`\n$ ${command} ${args.join(' ')}`)
  const { output, ok } = attempt(command, args, cwd)
  console.log(output.trimEnd())
  if (!ok) throw new Error(`${command} failed; its output is above.`)
  return output
}

/**
 * Both tools want foundry.toml at the root and one build of everything, with syntax trees. Halmos follows code that was not made
 * by the intermediate representation: the same sources, a tenth of the time.
 */
export function makeProject(folder: string, viaIr: boolean): void {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(join(folder, 'contracts', 'test'), { recursive: true })
  for (const part of ['src', 'proofs', join('test', 'helpers')]) cpSync(join(here, part), join(folder, 'contracts', part), { recursive: true })
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction')
  writeFileSync(join(folder, 'foundry.toml'), readFileSync(join(here, 'foundry.toml'), 'utf8')
    .split('\n').filter(line => !/^(additional_compiler_profiles|compilation_restrictions)/.test(line)).join('\n')
    .replace('via_ir = true', `via_ir = ${viaIr}`))
}

export const forgeBuild = (...paths: readonly string[]): string[] =>
  ['build', '--use', join(here, 'tools', 'solc.mjs'), '--build-info', '--ast', ...paths]

/** Arguments of a Halmos run on a project; the solver of tools/smt.py, or Halmos's own. */
export function halmosArgs(functions: string, contracts: string, ownSolver: boolean): string[] {
  const solver = ['--solver-command', `${join(pythonBin, 'python')} ${join(here, 'tools', 'smt.py')}`]
  return [
    '--root', '.', '--forge-build-out', 'contracts/out', '--function', functions, '--match-contract', contracts,
    '--solver-timeout-assertion', '110s', '--loop', '300', ...(ownSolver ? [] : solver),
  ]
}
