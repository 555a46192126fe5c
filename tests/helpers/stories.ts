import { join } from 'node:path'
import { loadModel } from '../../workers/engine/model/loadModel.ts'
import type { LoadedModel } from '../../workers/engine/model/loadModel.ts'
import { modelFolder } from '../../workers/engine/node/modelFolder.ts'
import type { Executor } from '../../workers/engine/plan/execute/executor.ts'
import { chatTemplate } from '../../workers/engine/tokenizer/chatTemplate.ts'
import { encodeRows } from '../../workers/engine/tokenizer/encodeRows.ts'
import type { EncodedRow } from '../../workers/engine/tokenizer/encodeRows.ts'
import type { Tokenizer } from '../../workers/engine/tokenizer/tokenizer.ts'
import { openModel } from '../../workers/engine/weights/openModel.ts'
import type { OpenModel } from '../../workers/engine/weights/openModel.ts'

/** The bundled model. */
export const storiesFolder = join(import.meta.dirname, '../../public/models/stories260K')

/** The bundled model on a device, with its tokenizer. */
export async function openStories(executor: Executor): Promise<{ model: LoadedModel; open: OpenModel; tokenizer: Tokenizer }> {
  const open = await openModel(await modelFolder(storiesFolder))
  return { model: await loadModel(open, executor), open, tokenizer: await open.tokenizer() }
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
