/**
 * Runs forge with the project's own compiler. The native binary is called directly: npm's wrapper
 * around it ends with 0 even where forge failed.
 */
import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { delimiter, dirname, join } from 'node:path'

/** The contracts folder. */
export const here = join(import.meta.dirname, '..')
/** The checkout. */
export const root = join(here, '..')

/** Path of forge's binary for this platform. @throws when npm did not install it. */
export function forgeBinary(): string {
  const platform = process.platform === 'win32' ? 'win32' : process.platform
  const arch = process.arch === 'x64' ? 'amd64' : process.arch
  const file = `@foundry-rs/forge-${platform}-${arch}/bin/forge${process.platform === 'win32' ? '.exe' : ''}`
  try {
    return createRequire(import.meta.url).resolve(file)
  } catch (cause) {
    throw new Error(`forge is not there for ${platform}-${arch} (looked for ${file}). Run npm install on a platform that Foundry is published for.`, { cause })
  }
}

/** PATH with this project's programs, Node 22 and forge in front. */
export function toolPath(): string {
  return [join(root, 'node_modules', '.bin'), dirname(forgeBinary()), process.env.PATH].join(delimiter)
}

/**
 * Runs `forge ARGS`, its output going to this process's own.
 * @throws when forge fails.
 */
export function forge(args: readonly string[], env: Record<string, string | undefined> = {}): void {
  const compiler = ['build', 'test', 'coverage', 'snapshot'].includes(args[0]!)
    ? ['--root', root, '--use', join(here, 'tools', 'solc.mjs')]
    : []
  const done = spawnSync(forgeBinary(), [...args, ...compiler], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, PATH: toolPath(), FOUNDRY_CONFIG: join(here, 'foundry.toml'), FOUNDRY_DISABLE_NIGHTLY_WARNING: '1', ...env },
  })
  if (done.error) throw done.error
  if (done.status !== 0) throw new Error(`forge ${args[0]} failed with exit code ${done.status}; its output is above.`)
}
