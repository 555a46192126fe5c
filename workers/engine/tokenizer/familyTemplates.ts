/**
 * Chat templates for models that bring none, in Jinja as Hugging Face's models
 * do it. A family is known by the marks in its vocabulary. Function calls are
 * the assistant's turns, what comes back from them is a `tool` turn.
 */
import type { Tokenizer } from './tokenizer.ts'

/** Contents one after another: how base models read. The text begins with bos, an answer ends with eos. */
export const plainTemplate =
  '{{ bos_token }}{% for message in messages %}{{ message.content }}{% if message.role == "assistant" %}{{ eos_token }}{% endif %}{% endfor %}'

/** Qwen's and others' marks (ChatML), with Qwen's default system prompt. */
const chatMl =
  '{% if messages[0].role != "system" %}<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n{% endif %}' +
  '{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n{% endfor %}' +
  '{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}'

const llama3 =
  '{{ bos_token }}{% for message in messages %}<|start_header_id|>{{ "ipython" if message.role == "tool" else message.role }}<|end_header_id|>\n\n' +
  '{{ message.content }}<|eot_id|>{% endfor %}' +
  '{% if add_generation_prompt %}<|start_header_id|>assistant<|end_header_id|>\n\n{% endif %}'

/** Gemma knows no system turn: raising makes the system prompt part of the first question. */
const gemma =
  '{{ bos_token }}{% for message in messages %}{% if message.role == "system" %}{{ raise_exception("no system turn") }}{% endif %}' +
  '<start_of_turn>{{ "model" if message.role == "assistant" else "user" }}\n{{ message.content }}<end_of_turn>\n{% endfor %}' +
  '{% if add_generation_prompt %}<start_of_turn>model\n{% endif %}'

/** Mistral's; no system turn either. The mark is a token of its own from version 3 on. */
const mistral =
  '{{ bos_token }}{% for message in messages %}{% if message.role == "system" %}{{ raise_exception("no system turn") }}{% endif %}' +
  '{% if message.role == "assistant" %}{{ message.content }}{{ eos_token }}{% else %}[INST]{{ message.content }}[/INST]{% endif %}{% endfor %}'

const phi3 =
  '{% for message in messages %}<|{{ message.role if message.role in ["system", "assistant"] else "user" }}|>\n{{ message.content }}<|end|>\n{% endfor %}' +
  '{% if add_generation_prompt %}<|assistant|>\n{% endif %}'

const marks: readonly [mark: string, template: string][] = [
  ['<|im_start|>', chatMl],
  ['<|start_header_id|>', llama3],
  ['<start_of_turn>', gemma],
  ['[INST]', mistral],
  ['<|end|>', phi3],
]

/** The template of the family whose marks are in the vocabulary; {@link plainTemplate} when there are none. */
export function familyTemplate(tokenizer: Tokenizer): string {
  return marks.find(([mark]) => tokenizer.idOf(mark) !== null)?.[1] ?? plainTemplate
}
