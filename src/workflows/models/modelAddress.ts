/** Where a model's files are: from what a person writes, or from files they chose. */
import { z } from 'zod'
import { ArenaError } from '../../arena/errors.ts'
import type { ModelSource } from '../../../workers/protocol.ts'

export class ModelAddressError extends ArenaError {
  override name = 'ModelAddressError'
}

/** What the text means before anything is fetched. `base` ends in a slash. */
export type ModelAddress = { id: string; file: string } | { id: string; base: string }

const HUB = 'https://huggingface.co/'

/**
 * A Hugging Face id (`owner/name`, or `owner/name/file.gguf`), the address of a GGUF file, or of a folder.
 * @throws ModelAddressError when it is none of these.
 */
export function parseModelAddress(text: string): ModelAddress {
  const trimmed = text.trim().replace(/[?#].*$/, '')
  const onHub = /^(?:https:\/\/huggingface\.co\/)?([\w-][\w.-]*\/[\w.-]+)(?:\/(?:(?:tree|blob|resolve)\/([\w.-]+)\/?)?([\w./-]*\.gguf)?)?$/.exec(trimmed)
  if (onHub && !/^https?:$/.test(onHub[1]!)) {
    const [, id, revision = 'main', file] = onHub
    const base = `${HUB}${id!}/resolve/${revision}/`
    return file ? { id: `${id!}/${file}`, file: base + file } : { id: id!, base }
  }
  if (!/^https?:\/\//.test(trimmed) || !URL.canParse(trimmed)) {
    throw new ModelAddressError(`"${text.slice(0, 80)}" is no address of a model.`,
      'Write a Hugging Face id like HuggingFaceTB/SmolLM2-135M-Instruct, or the https address of a .gguf file or of a folder.')
  }
  const parts = new URL(trimmed).pathname.split('/').filter(Boolean)
  const last = decodeURIComponent(parts.at(-1) ?? '')
  if (last.endsWith('.gguf')) return { id: last.slice(0, -5), file: trimmed }
  // The address of one of its files means the folder.
  const folder = /\.(json|safetensors)$/.test(last) ? trimmed.slice(0, trimmed.lastIndexOf('/')) : trimmed
  const name = decodeURIComponent(new URL(folder).pathname.split('/').filter(Boolean).at(-1) ?? '')
  return { id: name || new URL(folder).host, base: folder.endsWith('/') ? folder : `${folder}/` }
}

const REQUIRED = ['config.json', 'tokenizer.json']
const OPTIONAL = ['tokenizer_config.json', 'chat_template.jinja']
const indexSchema = z.object({ weight_map: z.record(z.string(), z.string().regex(/^[\w.-]+\.safetensors$/)) })

/**
 * The files behind an address, looked up one by one: hosts have no common way to list a folder.
 * @throws ModelAddressError naming what is missing.
 */
export async function resolveModel(address: ModelAddress, signal?: AbortSignal): Promise<ModelSource> {
  const { id } = address
  if ('file' in address) return { id, files: [{ name: 'model.gguf', source: address.file }] }
  const at = (name: string) => address.base + name
  const there = await Promise.all([...REQUIRED, ...OPTIONAL, 'model.safetensors', 'model.safetensors.index.json'].map(async (name) => ((await exists(at(name), signal)) ? name : null)))
  const names = there.filter((name) => name !== null)
  const missing = REQUIRED.find((name) => !names.includes(name))
  if (missing) {
    throw new ModelAddressError(`There is no ${missing} at ${address.base}.`, 'Check the address. A folder that holds GGUF files only needs the address of one of them.')
  }
  const files = names.filter((name) => !name.startsWith('model.'))
  if (names.includes('model.safetensors')) files.push('model.safetensors')
  else if (names.includes('model.safetensors.index.json')) {
    const index = indexSchema.safeParse(await (await fetch(at('model.safetensors.index.json'), { signal: signal ?? null })).json().catch(() => null))
    if (!index.success) throw new ModelAddressError(`${at('model.safetensors.index.json')} is not a list of weight files.`, 'Choose another model, or the address of a GGUF file.')
    files.push('model.safetensors.index.json', ...new Set(Object.values(index.data.weight_map)))
  } else throw new ModelAddressError(`There are no safetensors at ${address.base}.`, 'Models in other formats (PyTorch .bin, ONNX) cannot be used; look for a safetensors or GGUF edition.')
  return { id, files: files.map((name) => ({ name, source: at(name) })) }
}

async function exists(url: string, signal?: AbortSignal): Promise<boolean> {
  let response: Response
  try {
    response = await fetch(url, { headers: { range: 'bytes=0-0' }, signal: signal ?? null })
  } catch (cause) {
    signal?.throwIfAborted()
    throw new ModelAddressError(`${new URL(url).host} does not answer, or does not let other pages read its files.`, 'Check the connection and the address; a host has to allow cross-origin requests.', { cause })
  }
  await response.body?.cancel()
  // Hosts of single-page apps answer any path with their page.
  const isPage = (response.headers.get('content-type') ?? '').startsWith('text/html')
  if (response.status === 401 || response.status === 403) {
    throw new ModelAddressError(`${new URL(url).host} answers ${response.status} for ${url}: the model needs a login, or its terms accepted.`, 'Download it yourself and bring the files, or choose an open model.')
  }
  return response.ok && !isPage
}

/** A file that a person chose or dropped, or that came from peers. */
export interface ChosenFile {
  /** Its path as far as it is known, e.g. `SmolLM2/config.json`. */
  path: string
  content: Blob
}

/** What was chosen, in words: the folder, the one file, or the first of several. */
export function filesInWords(chosen: readonly ChosenFile[]): string {
  const names = chosen.map(({ path }) => path)
  const [first = '', ...others] = names
  if (first.includes('/')) return `folder ${first.slice(0, first.indexOf('/'))}`
  return others.length ? `${first} and ${others.length} more ${others.length === 1 ? 'file' : 'files'}` : first
}

const PARTS = /^(config\.json|tokenizer\.json|tokenizer_config\.json|chat_template\.jinja|[\w.-]+\.safetensors|model\.safetensors\.index\.json)$/

/**
 * A model from chosen files: one GGUF file, or a folder's safetensors with configuration and tokenizer.
 * @throws ModelAddressError
 */
export function modelFromFiles(chosen: readonly ChosenFile[]): ModelSource {
  const files = chosen.map(({ path, content }) => ({ folder: path.split('/').at(-2), name: path.split('/').at(-1)!, content }))
  const ggufs = files.filter(({ name }) => name.toLowerCase().endsWith('.gguf'))
  if (ggufs.length > 1) throw new ModelAddressError(`${ggufs.length} GGUF files were chosen: ${ggufs.map(({ name }) => name).join(', ')}.`, 'Choose one of them.')
  const [gguf] = ggufs
  if (gguf) return { id: gguf.name.slice(0, -5), files: [{ name: 'model.gguf', source: gguf.content }] }
  const parts = files.filter(({ name }) => PARTS.test(name))
  const weights = parts.filter(({ name }) => name.endsWith('.safetensors'))
  const missing = [...REQUIRED, ...(weights.length ? [] : ['model.safetensors'])].find((name) => !parts.some((part) => part.name === name))
  if (missing) {
    throw new ModelAddressError(`No ${missing} is among ${files.length === 1 ? `the chosen file (${files[0]!.name})` : `the ${files.length} chosen files`}.`,
      'Choose a .gguf file, or a folder with config.json, tokenizer.json and the safetensors.')
  }
  // A single weight file may have any name, and needs no index.
  const single = weights.length === 1
  return {
    id: weights[0]!.folder ?? 'own model',
    files: parts.filter(({ name }) => !single || name !== 'model.safetensors.index.json')
      .map((part) => ({ name: single && part === weights[0] ? 'model.safetensors' : part.name, source: part.content })),
  }
}
