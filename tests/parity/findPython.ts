import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

export interface FoundPython {
  /** The first interpreter that has the modules; null where none has. */
  python: string | null
  /** Why each of the others was not taken. */
  missing: string[]
}

/**
 * Looks for a Python with some modules: the one that LANISTA_PYTHON names and no
 * other, else the active virtual environment's, `.venv` of the checkout, and
 * every `python3` and `python` on the PATH.
 */
export function findPython(modules: readonly string[]): FoundPython {
  const missing: string[] = []
  for (const python of candidates()) {
    const { status, stderr, error } = spawnSync(python, ['-c', `import ${modules.join(', ')}`], { encoding: 'utf8', timeout: 120_000 })
    if (status === 0) return { python, missing }
    missing.push(`${python}: ${error?.message ?? stderr.trim().split('\n').at(-1)}`)
  }
  return { python: null, missing }
}

function candidates(): string[] {
  if (process.env.LANISTA_PYTHON) return [process.env.LANISTA_PYTHON]
  const binaries = process.platform === 'win32' ? ['Scripts\\python.exe', 'python.exe'] : ['bin/python']
  const environments = [process.env.VIRTUAL_ENV, process.env.CONDA_PREFIX, join(import.meta.dirname, '../../.venv')]
  const own = environments.flatMap((folder) => (folder ? binaries.map((binary) => join(folder, binary)) : []))
  const names = process.platform === 'win32' ? ['python.exe'] : ['python3', 'python']
  const onPath = (process.env.PATH ?? '').split(delimiter).flatMap((folder) => names.map((name) => join(folder, name)))
  return [...new Set([...own, ...onPath])].filter((path) => existsSync(path))
}
