import { z } from 'zod'
import type { ChatMessage, ChatRow } from './row.ts'

/**
 * The shapes of rows that people have: AI Arena's chats, Alpaca's
 * instructions, ShareGPT's and OpenAI's conversations.
 */
export type JsonRowFormat = 'flock' | 'alpaca' | 'sharegpt' | 'openai'
/** `text`: paragraphs without a question, as base models are trained on. */
export type RowFormat = JsonRowFormat | 'text'

const roles = new Map<string, ChatMessage['role']>([
  ['system', 'system'],
  ...['user', 'human'].map((name) => [name, 'user'] as const),
  ...['assistant', 'gpt', 'chatgpt', 'model', 'bot'].map((name) => [name, 'assistant'] as const),
  ['function_call', 'function_call'],
  ...['observation', 'tool', 'tool_response', 'function', 'function_response'].map((name) => [name, 'observation'] as const),
])

const role = z.string().transform((name, context) => {
  const known = roles.get(name.toLowerCase())
  if (!known) context.addIssue({ code: 'custom', message: `role "${name}" is not known` })
  return known ?? z.NEVER
})
const tools = z.union([z.string(), z.array(z.unknown())]).nullish()
const system = z.string().nullish()

const flock = z.object({ system, tools, conversations: z.array(z.object({ role, content: z.string() })).min(1) })

const alpaca = z.object({
  instruction: z.string(), input: z.string().nullish(), output: z.string(), system,
  history: z.array(z.tuple([z.string(), z.string()])).nullish(),
}).transform(({ instruction, input, output, system, history }) => ({
  system,
  tools: null,
  conversations: [
    ...(history ?? []).flatMap(([question, answer]) => [{ role: 'user' as const, content: question }, { role: 'assistant' as const, content: answer }]),
    { role: 'user' as const, content: input ? `${instruction}\n${input}` : instruction },
    { role: 'assistant' as const, content: output },
  ],
}))

const sharegpt = z.object({
  system, tools, conversations: z.array(z.object({ from: role, value: z.string() })).min(1),
}).transform(({ system, tools, conversations }) => ({
  system, tools, conversations: conversations.map(({ from, value }) => ({ role: from, content: value })),
}))

const toolCall = z.object({ function: z.object({ name: z.string(), arguments: z.unknown() }) })
const openai = z.object({
  tools, messages: z.array(z.object({ role, content: z.string().nullish(), tool_calls: z.array(toolCall).nullish() })).min(1),
}).transform(({ tools, messages }) => ({ system: null, tools, conversations: messages.flatMap(openaiMessage) }))

function openaiMessage({ role, content, tool_calls }: { role: ChatMessage['role']; content?: string | null; tool_calls?: z.infer<typeof toolCall>[] | null }): ChatMessage[] {
  const calls = (tool_calls ?? []).map(({ function: { name, arguments: given } }) => ({
    role: 'function_call' as const,
    content: JSON.stringify({ name, arguments: typeof given === 'string' ? parsed(given) : given }),
  }))
  return content || !calls.length ? [{ role, content: content ?? '' }, ...calls] : calls
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return text
  }
}

const schemas = { flock, alpaca, sharegpt, openai }

/** Which format an object looks like, by its keys; null: none. */
export function detectRowFormat(value: unknown): JsonRowFormat | null {
  if (typeof value !== 'object' || value === null) return null
  if ('messages' in value) return 'openai'
  if ('conversations' in value) {
    const first: unknown = Array.isArray(value.conversations) ? value.conversations[0] : null
    return typeof first === 'object' && first !== null && 'from' in first ? 'sharegpt' : 'flock'
  }
  return 'instruction' in value ? 'alpaca' : null
}

/**
 * Brings one parsed JSON value into AI Arena's row shape.
 *
 * @returns the row, or in words why it is none.
 */
export function rowFromJson(value: unknown): ChatRow | string {
  const format = detectRowFormat(value)
  if (!format) return 'not a row: it has no "conversations", "messages" or "instruction"'
  const result = schemas[format].safeParse(value)
  if (!result.success) return z.prettifyError(result.error).replaceAll('\n', ' ')
  return leadingSystem(result.data)
}

/** A leading system turn is the row's system prompt. */
function leadingSystem({ system, tools, conversations }: ChatRow): ChatRow {
  const row: ChatRow = { conversations }
  const first = conversations[0]
  if (!system && first.role === 'system' && conversations.length > 1) {
    row.conversations = conversations.slice(1)
    row.system = first.content
  } else if (system) {
    row.system = system
  }
  if (tools && tools.length) row.tools = tools
  return row
}
