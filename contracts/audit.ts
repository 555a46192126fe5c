/**
 * Checks by other people's tools: solhint (npm), Slither and Halmos (PyPI, installed into .cache/audit).
 * Fails when one of them finds something that is not explained, and also when one of them cannot be had.
 *
 *   npm run audit
 */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { forge, here, root, toolPath } from './tools/forge.ts'

const cache = join(root, '.cache', 'audit')
const bin = join(cache, process.platform === 'win32' ? 'Scripts' : 'bin')

function run(command: string, args: readonly string[], why: string): void {
  console.log(`\n${why}\n$ ${command} ${args.join(' ')}`)
  const done = spawnSync(command, [...args], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, PATH: toolPath(), FOUNDRY_CONFIG: join(here, 'foundry.toml') },
  })
  if (done.error) throw new Error(`${command} cannot be run: ${done.error.message}. The audit needs Python 3.11 or newer with venv and pip.`)
  if (done.status !== 0) throw new Error(`${command} failed with exit code ${done.status}; its output is above.`)
}

if (!existsSync(join(bin, 'slither')) || !existsSync(join(bin, 'halmos'))) {
  run('python3', ['-m', 'venv', cache], 'A place for Slither and Halmos')
  run(join(bin, 'pip'), ['install', '--quiet', 'slither-analyzer==0.11.*', 'halmos==0.3.*'], 'Slither and Halmos')
}

run('solhint', ['--config', 'contracts/.solhint.json', '--max-warnings', '0', 'contracts/src/**/*.sol'], 'solhint')
forge(['build'])
run(join(bin, 'slither'), ['.', '--ignore-compile', '--foundry-out-directory', 'contracts/out', '--config-file', 'contracts/slither.json'], 'Slither')
run(join(bin, 'halmos'), ['--root', '.', '--forge-build-out', 'contracts/out', '--function', 'check_'], 'Halmos')
