/**
 * Checks by other people's tools: solhint (npm), Slither and Halmos (PyPI, installed into .cache/audit). Fails when one of
 * them finds something that contracts/README.md does not explain, and also when one of them cannot be had.
 *
 *   npm run audit
 */
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, globSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { here, root, toolPath } from './tools/forge.ts'

const tools = join(root, '.cache', 'audit')
const bin = join(tools, process.platform === 'win32' ? 'Scripts' : 'bin')
/** Both tools want foundry.toml at the root and one build of everything by the intermediate representation, with syntax trees. */
const project = join(root, '.cache', 'audit-project')

/** @returns the command's output. @throws when it cannot be run or fails. */
function run(command: string, args: readonly string[], cwd: string): string {
  console.log(`\n$ ${command} ${args.join(' ')}`)
  const done = spawnSync(command, [...args], { cwd, encoding: 'utf8', maxBuffer: 1 << 28, env: { ...process.env, PATH: toolPath(), NO_COLOR: '1' } })
  if (done.error) throw new Error(`${command} cannot be run: ${done.error.message}. The audit needs Python 3.11 or newer with venv and pip.`)
  const output = done.stdout + done.stderr
  console.log(output.trimEnd())
  if (done.status !== 0) throw new Error(`${command} failed with exit code ${done.status}; its output is above.`)
  return output
}

/** The second solver of the proofs, a Python package: see tools/smt.py. */
function hasBitwuzla(): boolean {
  return spawnSync(join(bin, 'python'), ['-c', 'import bitwuzla'], { stdio: 'ignore' }).status === 0
}

/**
 * Every place in contracts/src where tokens leave or may be let go stands in the list of proofs/Exits.t.sol, once.
 * @throws naming the file where one is missing.
 */
function checkExits(): void {
  const listed = [...readFileSync(join(here, 'proofs', 'Exits.t.sol'), 'utf8').matchAll(/^\/\/\/ - (\S+) (\w+):/gm)]
  for (const file of globSync('**/*.sol', { cwd: join(here, 'src') })) {
    for (const call of ['safeTransfer', 'transfer', 'approve', 'delegatecall', 'call', 'selfdestruct']) {
      const found = [...readFileSync(join(here, 'src', file), 'utf8').matchAll(new RegExp(`\\b${call}[({]`, 'g'))].length
      const known = listed.filter(entry => entry[1] === file.replaceAll('\\', '/') && entry[2] === call).length
      if (found !== known) throw new Error(`contracts/src/${file} has ${found} ${call}, of which proofs/Exits.t.sol lists ${known}. Prove the new one and list it.`)
    }
  }
}

/** A tool that looked at nothing has not found anything either. */
function demand(output: string, pattern: RegExp, least: number, what: string): void {
  const count = Number(pattern.exec(output)?.[1] ?? 0)
  if (count < least) throw new Error(`${what}: ${count}, expected at least ${least}. The tool did not see the contracts.`)
}

if (!existsSync(join(bin, 'slither')) || !existsSync(join(bin, 'halmos')) || !hasBitwuzla()) {
  run('python3', ['-m', 'venv', tools], root)
  run(join(bin, 'pip'), ['install', '--quiet', 'slither-analyzer==0.11.*', 'halmos==0.3.*', 'bitwuzla==0.9.*'], root)
}

run('solhint', ['--config', 'contracts/.solhint.json', '--max-warnings', '0', 'contracts/src/**/*.sol'], root)

rmSync(project, { recursive: true, force: true })
mkdirSync(join(project, 'contracts', 'test'), { recursive: true })
cpSync(join(here, 'src'), join(project, 'contracts', 'src'), { recursive: true })
cpSync(join(here, 'test', 'helpers'), join(project, 'contracts', 'test', 'helpers'), { recursive: true })
cpSync(join(here, 'proofs'), join(project, 'contracts', 'proofs'), { recursive: true })
symlinkSync(join(root, 'node_modules'), join(project, 'node_modules'), 'junction')
writeFileSync(join(project, 'foundry.toml'), readFileSync(join(here, 'foundry.toml'), 'utf8')
  .split('\n').filter(line => !/^(additional_compiler_profiles|compilation_restrictions)/.test(line)).join('\n'))
const solc = ['--use', join(here, 'tools', 'solc.mjs')]

run('forge', ['build', ...solc, '--build-info', '--ast', 'contracts/src'], project)
const slither = run(join(bin, 'slither'), [
  '.', '--ignore-compile', '--foundry-out-directory', 'contracts/out', '--config-file', join(here, 'slither.json'),
], project)
demand(slither, /analyzed \((\d+) contracts/, 30, 'Contracts that Slither analysed')

// Halmos follows code that was not made by IR: the same sources, a tenth of the time.
const settings = readFileSync(join(project, 'foundry.toml'), 'utf8')
writeFileSync(join(project, 'foundry.toml'), settings.replace('via_ir = true', 'via_ir = false'))
run('forge', ['build', ...solc, '--build-info', '--ast', 'contracts/proofs'], project)
checkExits()
const solver = `${join(bin, 'python')} ${join(here, 'tools', 'smt.py')}`
const prove = (...args: string[]) => run(join(bin, 'halmos'), [
  '--root', '.', '--forge-build-out', 'contracts/out', '--function', 'check_', '--solver-timeout-assertion', '110s', '--loop', '300', ...args,
], project)
// Many paths with easy queries, for which the other solvers' start would take longer than the answer; then all the rest.
const halmos = prove('--match-contract', '^MedianProofs$')
  + prove('--match-contract', '^(?!MedianProofs$)', '--solver-command', solver)
if (/not been fully\s+explored/.test(halmos)) throw new Error('A proof passed that did not follow every path; see the warning above. Raise --loop.')
const proved = [...halmos.matchAll(/(\d+) passed; 0 failed/g)].reduce((sum, [, count]) => sum + Number(count), 0)
const written = globSync('proofs/*.sol', { cwd: here })
  .reduce((sum, file) => sum + [...readFileSync(join(here, file), 'utf8').matchAll(/function check_/g)].length, 0)
if (proved !== written) throw new Error(`${proved} of ${written} proofs hold.`)
console.log(`\n${proved} proofs.`)
