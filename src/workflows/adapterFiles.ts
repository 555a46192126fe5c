import { ArenaError } from '../arena/errors.ts'
import type { AdapterFiles } from '../../workers/protocol.ts'

export class NotAnAdapterError extends ArenaError {
  override name = 'NotAnAdapterError'
  constructor(names: readonly string[]) {
    super(`The folder holds ${names.slice(0, 5).join(', ') || 'nothing'}, not a PEFT adapter.`, 'An adapter consists of adapter_config.json and adapter_model.safetensors.')
  }
}

/** A folder's files as a PEFT adapter; what is in them is checked by the engine. @throws NotAnAdapterError */
export function adapterFiles(files: Record<string, Uint8Array>): AdapterFiles {
  const config = files['adapter_config.json']
  const weights = files['adapter_model.safetensors']
  if (!config || !weights) throw new NotAnAdapterError(Object.keys(files))
  return { 'adapter_config.json': config, 'adapter_model.safetensors': weights }
}
