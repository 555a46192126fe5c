/** The contracts against `src/arena`: random rounds with everything in them that can go wrong, to the wei. */
import { afterEach, expect, it } from 'vitest'
import { Random } from '../../src/data/random.ts'
import { play, type Played } from './play.ts'
import { randomTask } from './randomPlan.ts'
import { verify } from './verify.ts'

const TASKS = Number(process.env.LANISTA_FUZZ_TASKS ?? 40)
const SEED = Number(process.env.LANISTA_FUZZ_SEED ?? 1)
const ACTORS = 24
/** Of the actors, the last ones delegate. A vault stands in 16 tasks at most. */
const DELEGATORS = 4
const DELEGATED_TASKS = 12

let played: Played | undefined
afterEach(() => played?.chain.stop())

it.each([
  { way: 'everyone on their own', gather: false, seed: SEED },
  { way: 'seals and reveals gathered', gather: true, seed: SEED + 1 },
])(`${TASKS} random tasks come out the same on the chain and in src/arena ($way, seed $seed)`, async ({ gather, seed }) => {
  const random = new Random(seed)
  const everyone = Array.from({ length: ACTORS - DELEGATORS }, (_, index) => index)
  const delegators = Array.from({ length: DELEGATORS }, (_, index) => ACTORS - DELEGATORS + index)
  const plans = Array.from({ length: TASKS }, (_, index) =>
    randomTask(random, random.shuffled(everyone).slice(0, random.between(2, 20)), index < DELEGATED_TASKS ? delegators : []))
  played = await play(plans, ACTORS, undefined, { gather })
  const { balances, dust } = await verify(played)
  const rounds = played.tasks.flatMap(task => task.rounds)
  const judged = rounds.filter(({ outcome }) => outcome)
  console.log(`${rounds.length} rounds (${judged.length} judged, ${judged.filter(({ outcome }) => outcome!.badShard).length} with a wrong shard), `
    + `${played.models} submissions, ${played.validations} verdicts, ${balances} balances equal; dust ${dust.stake} and ${dust.bounty} wei`)
  expect(judged.length).toBeGreaterThan(TASKS / 2)
  // Each division leaves less than a wei; each payment takes at most three.
  expect(dust.stake + dust.bounty).toBeLessThan(BigInt(3 * played.models + 3 * played.validations + 100))
}, 600_000)
