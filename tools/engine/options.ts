/** What `npm run train`, `score` and `generate` have in common: options, the model, the backend. */
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { ParseArgsConfig } from 'node:util'
import { parseRows } from '../../src/data/parseRows.ts'
import type { ChatRow } from '../../src/data/row.ts'
import { openDawn, vulkanDrivers } from '../../workers/engine/backend/dawn.ts'
import type { VulkanDriver } from '../../workers/engine/backend/dawn.ts'
import { modelFolder } from '../../workers/engine/node/modelFolder.ts'
import type { AdapterFiles, Backend, ModelSource } from '../../workers/protocol.ts'

/** Something that the person typed cannot be used; `message` says what and why. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

export const commonOptions = {
  model: { type: 'string' },
  backend: { type: 'string', default: 'wasm' },
  gpu: { type: 'string', default: 'system' },
  template: { type: 'string' },
  context: { type: 'string', default: '512' },
  seed: { type: 'string', default: '0' },
  json: { type: 'string' },
  help: { type: 'boolean', default: false },
} as const satisfies ParseArgsConfig['options']

export const commonUsage = `  --model PATH      folder with config.json, safetensors and tokenizer.json, or a GGUF file
  --backend NAME    wasm (default), cpu, or webgpu (Vulkan through the npm package "webgpu")
  --gpu DRIVER      with webgpu: system (default), swiftshader or lavapipe (software)
  --template FILE   Jinja chat template (default: the model's own, else its family's)
  --context N       tokens of the longest sequence (default 512)
  --seed N          (default 0)
  --json FILE       also write the numbers to this file
  --help            this text`

/** Parses the command line; prints `usage` and ends where it asks for that. @throws {UsageError} */
export function parseOptions<const T extends NonNullable<ParseArgsConfig['options']>>(options: T, usage: string) {
  try {
    const parsed = parseArgs({ options: { ...commonOptions, ...options }, allowPositionals: true })
    if (process.argv.includes('--help')) {
      console.log(usage)
      process.exit(0)
    }
    return parsed
  } catch (error) {
    throw new UsageError(`${(error as Error).message}\n\n${usage}`)
  }
}

/** A number from the command line. @throws {UsageError} */
export function numberOption(name: string, text: string): number {
  const number = Number(text)
  if (text.trim() === '' || !Number.isFinite(number)) throw new UsageError(`--${name} takes a number, not "${text}".`)
  return number
}

/** The value of an option that must be given. @throws {UsageError} */
export function required(name: string, value: string | undefined): string {
  if (value === undefined) throw new UsageError(`--${name} is missing; --help shows all options.`)
  return value
}

/** A file from the command line. @throws {UsageError} */
export function readOption(name: string, path: string): Uint8Array {
  if (!statSync(path, { throwIfNoEntry: false })?.isFile()) throw new UsageError(`--${name}: there is no file ${path}.`)
  return new Uint8Array(readFileSync(path))
}

/** Rows of a dataset file; those that are none are told of on stderr. @throws {UsageError | RowFileError} */
export function rowsOption(name: string, path: string, limit?: string): ChatRow[] {
  const { rows, quarantined } = parseRows(readOption(name, path))
  for (const { line, reason } of quarantined.slice(0, 5)) console.error(`${path}:${line}: left out: ${reason}`)
  if (quarantined.length > 5) console.error(`${path}: ${quarantined.length - 5} more left out`)
  if (!rows.length) throw new UsageError(`${path} holds no rows.`)
  return limit === undefined ? rows : rows.slice(0, numberOption('limit', limit))
}

/** A PEFT adapter folder. @throws {UsageError} */
export function adapterOption(folder: string): AdapterFiles {
  return {
    'adapter_config.json': readOption('adapter', join(folder, 'adapter_config.json')),
    'adapter_model.safetensors': readOption('adapter', join(folder, 'adapter_model.safetensors')),
  }
}

export interface CommonValues {
  model?: string
  backend: string
  gpu: string
  template?: string
  context: string
}

/** The model, how its text is made, and the backend, made ready for Node. @throws {UsageError} */
export async function commonSetup({ model, backend, gpu, template, context }: CommonValues): Promise<{
  model: ModelSource
  text: { chatTemplate?: string; contextLength: number }
  backends: Backend[]
}> {
  const source = await modelFolder(required('model', model))
  const contextLength = numberOption('context', context)
  const chatTemplate = template === undefined ? undefined : new TextDecoder().decode(readOption('template', template))
  return { model: source, text: { contextLength, ...(chatTemplate === undefined ? {} : { chatTemplate }) }, backends: [await startBackend(backend, gpu)] }
}

async function startBackend(backend: string, gpu: string): Promise<Backend> {
  if (backend === 'wasm' || backend === 'cpu') return backend
  if (backend !== 'webgpu') throw new UsageError(`--backend takes wasm, cpu or webgpu, not "${backend}".`)
  if (!vulkanDrivers.includes(gpu as VulkanDriver)) throw new UsageError(`--gpu takes ${vulkanDrivers.join(', ')}, not "${gpu}".`)
  Object.defineProperty(globalThis.navigator, 'gpu', { value: await openDawn(gpu as VulkanDriver), configurable: true })
  return backend
}
