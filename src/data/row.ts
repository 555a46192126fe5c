import { z } from 'zod'

/** One turn of a conversation, in the format AI Arena's trainers use. */
export const chatMessageSchema = z.object({
  role: z.enum(['system', 'user', 'assistant', 'function_call', 'observation', 'tool']),
  content: z.string(),
})

/** One training or validation row: a conversation, its system prompt and tools. */
export const chatRowSchema = z.object({
  system: z.string().nullish(),
  tools: z.union([z.string(), z.array(z.unknown())]).nullish(),
  conversations: z.array(chatMessageSchema).min(1),
})

export type ChatMessage = z.infer<typeof chatMessageSchema>
export type ChatRow = z.infer<typeof chatRowSchema>
