import type { ModelSource } from '../../workers/protocol.ts'
import type { Folder } from './folder.ts'

const modelFile = /\.(safetensors|json|jinja)$/

/**
 * The model in a folder: Hugging Face's files in it or in its `hf/`, or its one
 * GGUF file, whose tokenizer is then the file's own.
 *
 * @returns null where there is none.
 */
export async function modelIn(folder: Folder): Promise<ModelSource | null> {
  const names = await folder.names()
  const id = folder.path.replace(/\/+$/, '').split('/').at(-1)!
  if (names.includes('config.json')) {
    const files = names.filter((name) => modelFile.test(name) && !name.startsWith('golden'))
    return { id, files: await Promise.all(files.map(async (name) => ({ name, source: (await folder.file(name))! }))) }
  }
  if (names.includes('hf/')) {
    const inner = await modelIn(folder.folder('hf'))
    return inner && { ...inner, id }
  }
  const ggufs = names.filter((name) => name.endsWith('.gguf'))
  return ggufs.length === 1 ? { id, files: [{ name: ggufs[0], source: (await folder.file(ggufs[0]))! }] } : null
}
