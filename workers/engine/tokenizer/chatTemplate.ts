/**
 * A row as the text that a model reads, with the places of its targets.
 *
 * Where a turn's text stands in the output of somebody's Jinja template is
 * found by rendering twice: once with every content replaced by a mark, which
 * gives the texts between contents, and once as it is. Both must agree, or the
 * template changes contents in a way that has no exact place and is refused.
 */
import { Template } from '@huggingface/jinja'
import type { ChatMessage, ChatRow } from '../../../src/data/row.ts'
import { familyTemplate } from './familyTemplates.ts'
import type { Tokenizer } from './tokenizer.ts'

/** A template that cannot take a row (or any row). */
export class ChatTemplateError extends Error {
  override readonly name = 'ChatTemplateError'
  /** What the person can do next. */
  readonly advice = 'Repair the row, or give the task a chat template that takes such rows.'
}

/** A stretch of a rendered row. */
export interface Segment {
  text: string
  /** Text of an assistant's turn or a function call, without the stop token. */
  target: boolean
}

export interface ChatTemplate {
  /**
   * @param generationPrompt end with the beginning of the assistant's next turn.
   * @throws {ChatTemplateError}
   */
  render(row: ChatRow, generationPrompt?: boolean): Segment[]
}

/** What a template is given for a turn. */
interface Turn {
  role: string
  content: string
  target: boolean
}

type Render = (turns: readonly Turn[], tools: unknown[] | null, generationPrompt: boolean) => string

/**
 * Some templates (Llama 3's) print today's date; every validator must read the
 * same text, so it is always the date that those use where there is no clock.
 */
const fixedDate = '26 Jul 2024'

/**
 * @param source Jinja; by default the model's own template, else its family's.
 * @throws {ChatTemplateError} not a template.
 */
export function chatTemplate(tokenizer: Tokenizer, source?: string): ChatTemplate {
  const text = source ?? tokenizer.chatTemplate ?? familyTemplate(tokenizer)
  let template: Template
  try {
    // Jinja's own clock cannot be overridden, so it is renamed.
    template = new Template(text.replaceAll(/\bstrftime_now\b/g, 'fixed_date'))
  } catch (error) {
    throw new ChatTemplateError(`The chat template is not valid Jinja: ${(error as Error).message}`)
  }
  const knows = (word: string): boolean => new RegExp(`\\b${word}\\b`).test(text)
  const rolesOf = knows('function_call') ? [ownRoles, plainRoles] : [toolRoles, plainRoles]
  const render: Render = (turns, tools, generationPrompt) =>
    template.render({
      messages: turns.map(({ role, content }) => ({ role, content })),
      ...(tools ? { tools } : {}),
      add_generation_prompt: generationPrompt,
      bos_token: tokenizer.bosToken ?? '',
      eos_token: tokenizer.eosToken ?? '',
      pad_token: tokenizer.padToken ?? '',
      unk_token: tokenizer.unkToken ?? '',
      date_string: fixedDate,
      fixed_date: () => fixedDate,
    })

  const takesTools = knows('tools') && showsTools(render)
  return {
    render(row, generationPrompt = false) {
      const given = toolList(row.tools)
      const tools = takesTools && Array.isArray(given) ? given.map(standardTool) : null
      const system = [row.system, tools ? null : toolPrompt(given)].filter(Boolean).join('\n\n')
      const failures = new Set<string>()
      for (const roles of rolesOf) {
        for (const withSystem of [systemTurn, systemInQuestion]) {
          try {
            const turns = withSystem(system, row.conversations.map((message) => turnOf(message, roles)))
            return place(turns, (turns) => render(turns, tools, generationPrompt))
          } catch (error) {
            failures.add((error as Error).message)
          }
        }
      }
      throw new ChatTemplateError(`The chat template cannot take the row: ${[...failures].join('; ')}.`)
    },
  }
}

const ownRoles = (role: ChatMessage['role']): string => role
const toolRoles = (role: ChatMessage['role']): string =>
  role === 'function_call' ? 'assistant' : role === 'observation' ? 'tool' : role
/** For templates that know three roles only. */
const plainRoles = (role: ChatMessage['role']): string =>
  role === 'function_call' ? 'assistant' : role === 'observation' || role === 'tool' ? 'user' : role

function turnOf({ role, content }: ChatMessage, roles: (role: ChatMessage['role']) => string): Turn {
  return { role: roles(role), content, target: role === 'assistant' || role === 'function_call' }
}

function systemTurn(system: string, turns: Turn[]): Turn[] {
  return system ? [{ role: 'system', content: system, target: false }, ...turns] : turns
}

/** For templates without a system turn: the prompt goes before the first question. */
function systemInQuestion(system: string, turns: Turn[]): Turn[] {
  const prompt = [system, ...turns.filter(({ role }) => role === 'system').map(({ content }) => content)].filter(Boolean).join('\n\n')
  const rest = turns.filter(({ role }) => role !== 'system')
  if (!prompt) return rest
  const [first, ...others] = rest
  if (first?.role !== 'user') return [{ role: 'user', content: prompt, target: false }, ...rest]
  return [{ ...first, content: `${prompt}\n\n${first.content}` }, ...others]
}

function toolList(tools: ChatRow['tools']): unknown[] | string | null {
  if (!tools?.length) return null
  if (typeof tools !== 'string') return tools
  try {
    const list: unknown = JSON.parse(tools)
    if (!Array.isArray(list)) return tools
    return list.length ? list : null
  } catch {
    return tools
  }
}

/** Templates expect OpenAI's wrapping; AI Arena's rows have the function alone. */
function standardTool(tool: unknown): unknown {
  return typeof tool === 'object' && tool !== null && !('function' in tool) ? { type: 'function', function: tool } : tool
}

function toolPrompt(tools: unknown[] | string | null): string | null {
  if (!tools) return null
  const text = typeof tools === 'string' ? tools : tools.map((tool) => JSON.stringify(tool)).join('\n')
  return `You can call these functions:\n${text}\nTo call one, answer with nothing but a JSON object of its name and arguments.`
}

/** Whether a template writes down the tools that it is given; otherwise they are put into words. */
function showsTools(render: Render): boolean {
  const name = 'probe_of_tools'
  const tool = { type: 'function', function: { name, description: name, parameters: { type: 'object', properties: {}, required: [] } } }
  try {
    return render([{ role: 'user', content: 'a', target: false }], [tool], false).includes(name)
  } catch {
    return false
  }
}

/** Renders turns and cuts the text at each content. */
function place(turns: readonly Turn[], render: (turns: readonly Turn[]) => string): Segment[] {
  const between = betweenContents(turns, render)
  const text = render(turns)
  const segments: Segment[] = []
  let at = 0
  turns.forEach(({ role, content, target }, i) => {
    const start = at + between[i].length
    // Templates that trim contents are common and exact all the same.
    const shown = [content, content.trim(), content.trimStart(), content.trimEnd()].find((shown) => text.startsWith(between[i + 1], start + shown.length) && text.startsWith(shown, start))
    if (!text.startsWith(between[i], at) || shown === undefined) throw new ChatTemplateError(`it changes the text of turn ${i + 1} (${role})`)
    segments.push({ text: between[i], target: false }, { text: shown, target })
    at = start + shown.length
  })
  const ending = text.slice(at)
  if (ending !== between[turns.length]) throw new ChatTemplateError('its ending depends on what the turns say')
  return [...segments, { text: ending, target: false }].filter((segment) => segment.text)
}

/** What a template writes before, between and after contents: one more than there are turns. */
function betweenContents(turns: readonly Turn[], render: (turns: readonly Turn[]) => string): string[] {
  // Private-use characters: no template looks for them.
  const mark = (i: number): string => `\uE000${i}\uE001`
  const skeleton = render(turns.map((turn, i) => ({ ...turn, content: mark(i) })))
  let from = 0
  const between = turns.map(({ role }, i) => {
    const found = skeleton.indexOf(mark(i), from)
    if (found < 0) throw new ChatTemplateError(`it leaves the text of turn ${i + 1} (${role}) out`)
    const text = skeleton.slice(from, found)
    from = found + mark(i).length
    return text
  })
  return [...between, skeleton.slice(from)]
}
