import type { GenerateCommand, GenerateEvent, Progress } from '../../protocol.ts'
import { generate as generateText } from '../generation/generate.ts'
import { importPeft } from '../lora/peftImport.ts'
import { placeAdapter, removeAdapter } from '../lora/residentAdapter.ts'
import { chatTemplate } from '../tokenizer/chatTemplate.ts'
import { encodePrompt, stopTokenIds } from '../tokenizer/encodeRows.ts'
import { nextTask } from '../training/control.ts'
import type { OpenModelOptions } from '../weights/openModel.ts'
import type { Session } from './session.ts'

export interface GenerateServices {
  session: Session
  signal: AbortSignal
  emit: (event: GenerateEvent) => void
  openFile?: OpenModelOptions['openFile']
}

/**
 * Answers a `generate` command, token by token.
 *
 * @throws the signal's reason when aborted.
 */
export async function generate(command: Extract<GenerateCommand, { type: 'generate' }>, { session, signal, emit, openFile }: GenerateServices): Promise<void> {
  const { runId, text, sampling } = command
  const onLoading = (file: string, progress: Progress): void => emit({ type: 'loading', runId, file, progress })
  const { model, tokenizer, fallbacks } = await session.prepare({ source: command.model, backends: command.backends, onLoading, signal, openFile })
  const { executor, config } = model
  emit({ type: 'backend', runId, backend: executor.backend, device: executor.device, fallbacks })
  const template = chatTemplate(tokenizer, text.chatTemplate)
  const adapter = command.adapter && placeAdapter(executor, `chat.${runId}`, (await importPeft(command.adapter, config)).adapter)
  try {
    const { text: answer, reason } = await generateText(model, {
      adapter, tokenizer, sampling, signal, between: nextTask,
      prompt: encodePrompt(tokenizer, template, command.messages),
      stopIds: stopTokenIds(tokenizer, template, config.eosTokenIds),
      onText: (text, tokensPerSecond) => emit({ type: 'token', runId, text, tokensPerSecond }),
    })
    emit({ type: 'finished', runId, text: answer, reason })
  } finally {
    if (adapter) removeAdapter(executor, adapter)
  }
}
