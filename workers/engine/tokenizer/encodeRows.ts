/**
 * Rows as token ids with targets (`protocol.md`, Score): the assistant's turns
 * and function calls with their stop tokens; everything else is context.
 */
import type { ChatRow } from '../../../src/data/row.ts'
import { ChatTemplateError } from './chatTemplate.ts'
import type { ChatTemplate, Segment } from './chatTemplate.ts'
import type { Tokenizer } from './tokenizer.ts'

/** The label of a token that is no target, as in PyTorch. */
export const noTarget = -100

export interface EncodedRow {
  /** Index of the row in what was given. */
  row: number
  ids: number[]
  /** `labels[i]` is `ids[i]` where that token is a target, {@link noTarget} elsewhere; not shifted. */
  labels: number[]
  /** UTF-8 bytes of the target text that is left after truncation, without stop tokens. */
  targetBytes: number
  /** Targets that have a token before them to be predicted from. */
  targetTokens: number
  truncated: boolean
}

/** A row that is left out, and why. */
export interface SkippedRow {
  row: number
  reason: string
}

export interface EncodedRows {
  rows: EncodedRow[]
  skipped: SkippedRow[]
}

/** Encodes rows; those without a target, or that the template cannot take, are reported in `skipped`. */
export function encodeRows(tokenizer: Tokenizer, template: ChatTemplate, rows: readonly ChatRow[], contextLength: number): EncodedRows {
  const result: EncodedRows = { rows: [], skipped: [] }
  rows.forEach((row, i) => {
    try {
      const encoded = encodeRow(tokenizer, template, row, contextLength)
      if (encoded.targetTokens) result.rows.push({ row: i, ...encoded })
      else result.skipped.push({ row: i, reason: encoded.truncated ? `no target token within the first ${contextLength} tokens` : 'the row has no target token' })
    } catch (error) {
      if (!(error instanceof ChatTemplateError)) throw error
      result.skipped.push({ row: i, reason: error.message })
    }
  })
  return result
}

/**
 * Encodes one row, cut after `contextLength` tokens.
 *
 * @throws {ChatTemplateError} the template cannot take it.
 */
export function encodeRow(tokenizer: Tokenizer, template: ChatTemplate, row: ChatRow, contextLength: number): Omit<EncodedRow, 'row'> {
  const ids: number[] = []
  const labels: number[] = []
  let targetBytes = 0
  for (const piece of pieces(tokenizer, template.render(row))) {
    if (ids.length >= contextLength) return { ...summary(ids, labels), targetBytes, truncated: true }
    const encoded = encodeNext(tokenizer, ids, piece.text)
    const kept = encoded.slice(0, contextLength - ids.length)
    ids.push(...kept)
    labels.push(...(piece.target ? kept : kept.map(() => noTarget)))
    if (piece.target) targetBytes += kept.length === encoded.length ? piece.bytes : Math.min(piece.bytes, utf8Length(tokenizer.decode(kept, true)))
    if (kept.length < encoded.length) return { ...summary(ids, labels), targetBytes, truncated: true }
  }
  return { ...summary(ids, labels), targetBytes, truncated: false }
}

/** Ids of a conversation up to where the assistant's next turn begins. */
export function encodePrompt(tokenizer: Tokenizer, template: ChatTemplate, row: ChatRow): number[] {
  const ids: number[] = []
  const all = [...pieces(tokenizer, template.render(row, true))]
  all.forEach(({ text }, i) => {
    // As in training, spaces before an answer are its first word's.
    ids.push(...encodeNext(tokenizer, ids, i === all.length - 1 ? text.replace(/ +$/, '') : text))
  })
  return ids
}

/**
 * Tokens that end the assistant's turn: the model's own, and the one that the
 * template writes after an answer.
 */
export function stopTokenIds(tokenizer: Tokenizer, template: ChatTemplate, eosTokenIds: readonly number[]): number[] {
  const stops = new Set(eosTokenIds)
  const probe: ChatRow = { conversations: [{ role: 'user', content: 'a' }, { role: 'assistant', content: 'b' }] }
  const after = template.render(probe).at(-1)
  const stop = after && !after.target ? stopAt(tokenizer, after.text) : ''
  const id = stop.trim() ? tokenizer.idOf(stop.trim()) : null
  if (id !== null) stops.add(id)
  return [...stops]
}

interface Piece {
  text: string
  target: boolean
  /** UTF-8 bytes that count for the score. */
  bytes: number
}

/** Segments as pieces that are encoded one by one: a cut at each edge of a target, as when a model writes it. */
function* pieces(tokenizer: Tokenizer, segments: readonly Segment[]): Generator<Piece> {
  let context = ''
  for (let i = 0; i < segments.length; i++) {
    const { text, target } = segments[i]
    if (!target) {
      context += text
      continue
    }
    // A space before an answer belongs to its first word, as tokenizers have it.
    const spaces = context.length - context.replace(/ +$/, '').length
    const before = context.slice(0, context.length - spaces)
    if (before) yield { text: before, target: false, bytes: 0 }
    yield { text: ' '.repeat(spaces) + text, target: true, bytes: utf8Length(text) }
    context = ''
    const next = segments[i + 1]
    if (!next || next.target) continue
    const stop = stopAt(tokenizer, next.text)
    if (stop) yield { text: stop, target: true, bytes: 0 }
    context = next.text.slice(stop.length)
    i++
  }
  if (context) yield { text: context, target: false, bytes: 0 }
}

/** The stop token that a text begins with, with spaces that some templates put before it; empty when there is none. */
function stopAt(tokenizer: Tokenizer, text: string): string {
  const spaces = text.length - text.trimStart().length
  const stop = tokenizer.specialTokens.find((token) => text.startsWith(token, spaces))
  return stop ? text.slice(0, spaces + stop.length) : ''
}

/** The next piece's ids. After bos a model reads a text from its start, with the space that belongs there. */
function encodeNext(tokenizer: Tokenizer, before: readonly number[], text: string): number[] {
  const { bosToken } = tokenizer
  const bos = bosToken === null ? null : tokenizer.idOf(bosToken)
  if (before.length > 1 || (before.length === 1 && before[0] !== bos)) return tokenizer.encodeMiddle(text)
  if (before.length || bosToken === null || bos === null || !text.startsWith(bosToken)) return tokenizer.encode(text, false)
  return [bos, ...tokenizer.encode(text.slice(bosToken.length), false)]
}

function summary(ids: number[], labels: number[]): { ids: number[]; labels: number[]; targetTokens: number } {
  return { ids, labels, targetTokens: labels.filter((label, i) => i > 0 && label !== noTarget).length }
}

const encoder = new TextEncoder()
function utf8Length(text: string): number {
  return encoder.encode(text).length
}
