// Runs a TypeScript command of this project: `node tools/run.mjs FILE [ARGS…]`.
// Plain JavaScript for any Node >= 20: installs what the lock file names when
// it is missing or has changed, then hands over to the Node that the project
// brings along (22, which runs TypeScript as it is).
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'

const root = join(import.meta.dirname, '..')
const bin = join(root, 'node_modules', '.bin')
const stamp = join(root, 'node_modules', '.lanista-lock')

const lock = createHash('sha256').update(readFileSync(join(root, 'package-lock.json'))).digest('hex')
if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== lock) {
  console.error('Installing dependencies (about two minutes the first time)…')
  // Not `npm ci`: it insists on a lock entry for every other platform's optional package, and no one machine can make those.
  const done = spawnSync('npm', ['install', '--no-save', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root, stdio: ['ignore', 2, 2], shell: process.platform === 'win32',
  })
  if (done.status !== 0) {
    console.error('npm install failed. Check the network, then run the same command again.')
    process.exit(done.status ?? 1)
  }
  writeFileSync(stamp, lock)
}

const bundled = join(bin, process.platform === 'win32' ? 'node.cmd' : 'node')
const node = existsSync(bundled) ? bundled : process.execPath
const child = spawn(node, ['--disable-warning=ExperimentalWarning', ...process.argv.slice(2)], {
  cwd: process.cwd(),
  stdio: 'inherit',
  shell: process.platform === 'win32',
  env: { ...process.env, PATH: bin + delimiter + process.env.PATH },
})
// In a terminal Ctrl-C reaches the child by itself; this process only waits for its end.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal)
  })
}
child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 1)))
