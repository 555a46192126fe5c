import { unpack } from '../../workers/engine/weights/formats/index.ts'
import type { NamedTensors } from '../../workers/engine/weights/namedTensors.ts'
import { safetensorsModel } from '../../workers/engine/weights/safetensorsModel.ts'
import { blobSource } from '../../workers/engine/weights/source.ts'
import { requiredFile } from './folder.ts'
import type { Folder } from './folder.ts'

/** Opens a safetensors file of a folder. */
export async function tensorFile(folder: Folder, name: string): Promise<NamedTensors> {
  return safetensorsModel([blobSource(await requiredFile(folder, name), `${folder.path}/${name}`)])
}

/** The values of a tensor. */
export async function valuesOf(tensors: NamedTensors, name: string): Promise<Float32Array> {
  return unpack(await tensors.read(name))
}
