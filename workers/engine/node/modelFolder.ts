import { openAsBlob, statSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import type { ModelSource } from '../../protocol.ts'
import { WeightsError } from '../weights/source.ts'

const modelFile = /\.(safetensors|gguf|json|jinja)$/

/**
 * A model on this machine's disk as the engine takes it: every file a `Blob`
 * that reads from disk when it is asked to. Node only.
 *
 * @param path a folder in Hugging Face's layout, or one GGUF file.
 * @param id the id that adapters name as their base; by default the folder's name.
 * @throws {WeightsError} no such path.
 */
export async function modelFolder(path: string, id?: string): Promise<ModelSource> {
  const stats = statSync(path, { throwIfNoEntry: false })
  if (!stats) throw new WeightsError(`There is no model at ${path}.`, 'Give the path of a folder with config.json and safetensors files, or of a GGUF file.')
  if (!stats.isDirectory()) {
    return { id: id ?? basename(dirname(resolve(path))), files: [{ name: basename(path), source: await openAsBlob(path) }] }
  }
  const names = (await readdir(path)).filter((name) => modelFile.test(name))
  const files = await Promise.all(names.map(async (name) => ({ name, source: await openAsBlob(join(path, name)) })))
  return { id: id ?? basename(resolve(path)), files }
}
