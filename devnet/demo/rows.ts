import { Random } from '../../src/data/random.ts'
import type { ChatRow } from '../../src/data/row.ts'

/**
 * Rows of the demo task, written for it: a herald calls small fights between
 * animals in short words that a 512-piece vocabulary holds in few tokens. The
 * wording is regular enough that a minute of LoRA on software WebGPU learns it,
 * and free enough that nobody can know a hidden row by heart.
 */

const fighters = [
  ['Max', 'bear'], ['Lily', 'fox'], ['Tom', 'dog'], ['Mia', 'cat'], ['Sam', 'frog'], ['Ben', 'bunny'],
  ['Sue', 'bird'], ['Tim', 'duck'], ['Amy', 'pig'], ['Jack', 'lion'], ['Anna', 'mouse'], ['Leo', 'horse'],
] as const
const sizes = ['big', 'small', 'old', 'young', 'happy', 'brave', 'quiet', 'fast']
const things = ['a red ball', 'a long rope', 'a blue hat', 'a tall stick', 'a soft net', 'a shiny bell', 'a green box', 'a round rock']
const places = ['the park', 'the sand', 'the garden', 'the forest', 'the hill', 'the river']
const moves = ['runs around', 'jumps over', 'hides behind', 'rolls under', 'climbs up']
const marks = ['the tree', 'the gate', 'the bench', 'the big wall', 'the slide']

function herald(random: Random): ChatRow {
  const pick = <T>(list: readonly T[]): T => random.pick(list)
  const [one, two] = [pick(fighters), pick(fighters)]
  if (one === two) return herald(random)
  const [winner, loser] = random.chance(0.5) ? [one, two] : [two, one]
  const place = pick(places)
  const question = `Who fights at ${place}?`
  const answer =
    `Hear, hear! At ${place} we see ${one[0]} the ${pick(sizes)} ${one[1]} and ${two[0]} the ${pick(sizes)} ${two[1]}. ` +
    `${one[0]} has ${pick(things)}. ${two[0]} has ${pick(things)}. ${winner[0]} ${pick(moves)} ${pick(marks)} and wins the day! ` +
    `${loser[0]} says, "Well done, ${winner[0]}!"`
  return { conversations: [{ role: 'user', content: question }, { role: 'assistant', content: answer }] }
}

/**
 * @param seed Rows of different seeds are drawn independently.
 * @param count Number of rows.
 */
export function demoRows(seed: number, count: number): ChatRow[] {
  const random = new Random(seed)
  return Array.from({ length: count }, () => herald(random))
}

/** How a row becomes text for a base model that knows no chat format. */
export const demoTemplate =
  "{{ bos_token }}{% for message in messages %}{{ message.content }}{% if message.role == 'assistant' %}{{ eos_token }}{% else %}\n{% endif %}{% endfor %}"
