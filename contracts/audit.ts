/**
 * Checks by other people's tools: solhint (npm), Slither and Halmos (PyPI, installed into .cache/audit). Fails when one of
 * them finds something that contracts/README.md does not explain, and also when one of them cannot be had.
 *
 *   npm run audit
 *   npm run audit -- --mutants [PART]   instead: whether the proofs (of contracts with PART in their names) find faults put into the sources
 */
import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { here, root } from './tools/forge.ts'
import { killMutants } from './tools/mutants.ts'
import { attempt, forgeBuild, halmosArgs, makeProject, pythonBin, pythonTools, run } from './tools/proofs.ts'

const project = join(root, '.cache', 'audit-project')

/** The second solver of the proofs, a Python package: see tools/smt.py. */
function hasBitwuzla(): boolean {
  return attempt(join(pythonBin, 'python'), ['-c', 'import bitwuzla'], root).ok
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

function installTools(): void {
  if (existsSync(join(pythonBin, 'slither')) && existsSync(join(pythonBin, 'halmos')) && hasBitwuzla()) return
  run('python3', ['-m', 'venv', pythonTools], root)
  run(join(pythonBin, 'pip'), ['install', '--quiet', 'slither-analyzer==0.11.*', 'halmos==0.3.*', 'bitwuzla==0.9.*'], root)
}

/** Others' checks for known faults. */
function lint(): void {
  run('solhint', ['--config', 'contracts/.solhint.json', '--max-warnings', '0', 'contracts/src/**/*.sol'], root)
  makeProject(project, true)
  run('forge', forgeBuild('contracts/src'), project)
  const slither = run(join(pythonBin, 'slither'), [
    '.', '--ignore-compile', '--foundry-out-directory', 'contracts/out', '--config-file', join(here, 'slither.json'),
  ], project)
  demand(slither, /analyzed \((\d+) contracts/, 30, 'Contracts that Slither analysed')
}

function prove(): void {
  checkExits()
  makeProject(project, false)
  run('forge', forgeBuild('contracts/proofs'), project)
  const halmos = (contracts: string, ownSolver: boolean) => run(join(pythonBin, 'halmos'), halmosArgs('check_', contracts, ownSolver), project)
  // Many paths with easy queries, for which the other solvers' start would take longer than the answer; then all the rest.
  const output = halmos('^MedianProofs$', true) + halmos('^(?!MedianProofs$)', false)
  if (/not been fully\s+explored/.test(output)) throw new Error('A proof passed that did not follow every path; see the warning above. Raise --loop.')
  const proved = [...output.matchAll(/(\d+) passed; 0 failed/g)].reduce((sum, [, count]) => sum + Number(count), 0)
  const written = globSync('proofs/*.sol', { cwd: here })
    .reduce((sum, file) => sum + [...readFileSync(join(here, file), 'utf8').matchAll(/function check_/g)].length, 0)
  if (proved !== written) throw new Error(`${proved} of ${written} proofs hold.`)
  console.log(`\n${proved} proofs.`)
}

installTools()
const [mode, only] = process.argv.slice(2)
if (mode === '--mutants') {
  killMutants(join(root, '.cache', 'mutants-project'), only ?? '')
} else {
  lint()
  prove()
}
