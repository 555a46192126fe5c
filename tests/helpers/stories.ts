import { join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import { loadModel } from '../../workers/engine/model/loadModel.ts'
import type { LoadedModel } from '../../workers/engine/model/loadModel.ts'
import { modelFolder } from '../../workers/engine/node/modelFolder.ts'
import type { Executor } from '../../workers/engine/plan/execute/executor.ts'
import { openExecutor } from '../../workers/engine/plan/execute/openExecutor.ts'
import { chatTemplate } from '../../workers/engine/tokenizer/chatTemplate.ts'
import { encodeRows } from '../../workers/engine/tokenizer/encodeRows.ts'
import type { EncodedRow } from '../../workers/engine/tokenizer/encodeRows.ts'
import type { Tokenizer } from '../../workers/engine/tokenizer/tokenizer.ts'
import { openModel } from '../../workers/engine/weights/openModel.ts'
import type { OpenModel } from '../../workers/engine/weights/openModel.ts'

/** The bundled model. */
export const storiesFolder = join(import.meta.dirname, '../../public/models/stories260K')

/** The bundled model on a device, with its tokenizer. */
export interface Stories {
  model: LoadedModel
  open: OpenModel
  tokenizer: Tokenizer
}

export async function openStories(executor: Executor): Promise<Stories> {
  const open = await openModel(await modelFolder(storiesFolder))
  return { model: await loadModel(open, executor), open, tokenizer: await open.tokenizer() }
}

/** The bundled model on WebAssembly with encoded chats, from a file's first test to its last. */
export function storiesOnWasm(): Stories & { rows: EncodedRow[] } {
  const stories = {} as Stories & { rows: EncodedRow[] }
  beforeAll(async () => {
    Object.assign(stories, await openStories((await openExecutor(['wasm'])).executor))
    stories.rows = encodeAnimals(stories.tokenizer)
  })
  afterAll(() => stories.model.executor.dispose())
  return stories
}

/** Chats about animals, of different lengths. */
export const animalRows = ['cat', 'dog', 'bird', 'fish', 'frog', 'bear', 'duck', 'goat', 'little mouse', 'old horse'].map((animal, i) => ({
  conversations: [
    { role: 'user' as const, content: `The ${animal} said:` },
    { role: 'assistant' as const, content: ` I am a ${animal} and I sing${' all day long'.repeat(1 + (i % 3))}.` },
  ],
}))

export function encodeAnimals(tokenizer: Tokenizer, contextLength = 128): EncodedRow[] {
  return encodeRows(tokenizer, chatTemplate(tokenizer), animalRows, contextLength).rows
}
