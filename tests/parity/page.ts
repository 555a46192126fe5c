/** The page in which parity is checked on WebGPU: files come from the server that sent it. */
import { openExecutor } from '../../workers/engine/plan/execute/openExecutor.ts'
import { Bases, checkPath } from './checkPath.ts'
import type { PathReport } from './checkPath.ts'
import type { Folder } from './folder.ts'

declare global {
  /** Made by the browser's driver: hands a report to the command line. */
  var tell: (report: PathReport) => Promise<void>
  var checkAll: (paths: readonly string[], models: string) => Promise<void>
}

function servedFolder(path: string): Folder {
  const get = async (name: string): Promise<Response | null> => {
    const response = await fetch(`/files?path=${encodeURIComponent(name)}`)
    if (!response.ok && response.status !== 404) throw new Error(`${name}: the server answered ${response.status}.`)
    return response.ok ? response : null
  }
  return {
    path,
    file: async (name) => (await get(`${path}/${name}`))?.blob() ?? null,
    folder: (name) => servedFolder(`${path}/${name}`),
    names: async () => ((await (await get(`${path}/`))?.json()) as string[] | undefined) ?? [],
  }
}

globalThis.checkAll = async (paths, models) => {
  const { executor } = await openExecutor(['webgpu'])
  const bases = new Bases(executor)
  for (const path of paths) await globalThis.tell(await checkPath(servedFolder(path), servedFolder(models), bases))
  executor.dispose()
}
