/** `npm run generate`: talk to a base model or an adapter; see `usage`. */
import { createInterface } from 'node:readline/promises'
import { basename, resolve } from 'node:path'
import { Session } from '../../workers/engine/commands/session.ts'
import { generate } from '../../workers/engine/commands/generate.ts'
import type { ChatMessage } from '../../src/data/row.ts'
import type { AdapterFiles, GenerateEvent } from '../../workers/protocol.ts'
import { fileTuning } from '../../workers/engine/node/fileTuning.ts'
import { adapterOption, commonSetup, commonUsage, numberOption, parseOptions } from './options.ts'
import { runCommand, showProgress, showTuning, tell, writeJson } from './report.ts'

const usage = `npm run generate -- --model PATH [--adapter DIR]… [PROMPT…] [options]

Answers each PROMPT; without one, talks: a line, an answer, until an empty line.

  --adapter DIR     answer with this PEFT adapter (may be repeated: answers side by side)
  --base            answer with the base model too (without --adapter: the base alone)
  --system TEXT     system prompt
  --tokens N        longest answer (default 128)
  --temperature T   0 (default) always takes the likeliest token
  --top-k N         among the N likeliest (default 0: all)    --top-p P  (default 1)
  --repetition-penalty R  (default 1)    --stop TEXT  end before this text (may be repeated)
${commonUsage}`

await runCommand(async () => {
  const { values, positionals } = parseOptions({
    'adapter': { type: 'string', multiple: true, default: [] }, 'base': { type: 'boolean', default: false }, 'system': { type: 'string' }, 'tokens': { type: 'string', default: '128' }, 'temperature': { type: 'string', default: '0' },
    'top-k': { type: 'string', default: '0' }, 'top-p': { type: 'string', default: '1' }, 'repetition-penalty': { type: 'string', default: '1' },
    'stop': { type: 'string', multiple: true, default: [] },
  }, usage)
  const number = (name: keyof typeof values): number => numberOption(name, values[name] as string)
  const sampling = {
    maxTokens: number('tokens'), temperature: number('temperature'), topK: number('top-k'), topP: number('top-p'),
    repetitionPenalty: number('repetition-penalty'), stop: values.stop, seed: number('seed'),
  }
  const adapters = values.adapter.map((path): Voice => ({ name: basename(resolve(path)), adapter: adapterOption(path), conversation: [] }))
  const voices: Voice[] = [...(values.base || !adapters.length ? [{ name: 'base', adapter: null, conversation: [] }] : []), ...adapters]
  const setup = await commonSetup(values)
  const session = new Session({ tuning: fileTuning(), onTuning: showTuning })
  const answers: { voice: string; prompt: string; text: string; reason: string }[] = []

  const answer = async ({ name, adapter }: Voice, conversations: ChatMessage[]): Promise<string> => {
    if (voices.length > 1) tell(`── ${name}`)
    const abort = new AbortController()
    const interrupt = (): void => abort.abort(new Error('Interrupted.'))
    process.once('SIGINT', interrupt)
    let whole = ''
    const emit = (event: GenerateEvent): void => {
      if (event.type === 'loading') showProgress(`reading ${event.file}`, event.progress)
      if (event.type === 'token') process.stdout.write(event.text)
      if (event.type !== 'finished') return
      whole = event.text
      answers.push({ voice: name, prompt: conversations.at(-1)!.content, text: event.text, reason: event.reason })
      process.stdout.write('\n')
    }
    const messages = { conversations, ...(values.system === undefined ? {} : { system: values.system }) }
    await generate({ type: 'generate', runId: 'generate', ...setup, adapter, messages, sampling }, { session, signal: abort.signal, emit })
    process.off('SIGINT', interrupt)
    return whole
  }

  for (const prompt of positionals) {
    for (const voice of voices) await answer(voice, [{ role: 'user', content: prompt }])
  }
  if (!positionals.length) await talk(voices, answer)
  writeJson(values.json, answers)
})

/** The base or an adapter, and what was said to it. */
interface Voice {
  name: string
  adapter: AdapterFiles | null
  conversation: ChatMessage[]
}

async function talk(voices: readonly Voice[], answer: (voice: Voice, conversations: ChatMessage[]) => Promise<string>): Promise<void> {
  const lines = createInterface({ input: process.stdin, output: process.stdout, prompt: '> ' })
  lines.prompt()
  for await (const line of lines) {
    if (!line.trim()) break
    for (const voice of voices) {
      voice.conversation.push({ role: 'user', content: line })
      voice.conversation.push({ role: 'assistant', content: await answer(voice, [...voice.conversation]) })
    }
    lines.prompt()
  }
  lines.close()
}
