/**
 * What validators pass to each other so that one transaction can carry the seals, and one the reveals, of a whole
 * committee. Neither needs trust: a seal comes with its validator's signature, a reveal with the salt that fits the seal.
 */
import { z } from 'zod'
import type { Hex } from 'viem'

/** Items of a vector at most: what fits into a message. */
const MAX_ITEMS = 256

const hex = (bytes: number) => z.custom<Hex>(value => typeof value === 'string' && value.length === 2 + 2 * bytes && /^0x[0-9a-f]*$/i.test(value))
const vector = z.custom<Hex>(value => typeof value === 'string' && value.length <= 2 + 8 * MAX_ITEMS && /^0x([0-9a-f]{8})+$/i.test(value))
const round = z.int().min(0).max(0xffff)

/** "I am still scoring: my seal will come." Not signed: it can do no more than have others wait a while. */
export const scoringMessageSchema = z.strictObject({ version: z.literal(1), kind: z.literal('scoring'), round, validator: hex(20) })

/** "This is my seal, and my signature that lets you send it." */
export const sealMessageSchema = z.strictObject({
  version: z.literal(1), kind: z.literal('seal'), round, validator: hex(20),
  /** See `scoreSeal`. */
  seal: hex(32),
  /** r, s, v. */
  signature: hex(65),
})

/** "This is what I sealed": said only when sealing is over. */
export const revealMessageSchema = z.strictObject({
  version: z.literal(1), kind: z.literal('reveal'), round, batch: z.int().min(0).max(0xffff), validator: hex(20),
  salt: hex(32),
  /** Packed like a score vector. */
  vector,
})

export const scoreMessageSchema = z.discriminatedUnion('kind', [scoringMessageSchema, sealMessageSchema, revealMessageSchema])

export type ScoringMessage = z.infer<typeof scoringMessageSchema>
export type SealMessage = z.infer<typeof sealMessageSchema>
export type RevealMessage = z.infer<typeof revealMessageSchema>
export type ScoreMessage = ScoringMessage | SealMessage | RevealMessage
