/** Plays a task by `src/arena` alone, without a chain: what `npm run simulate` shows to be the same to the wei, a thousand times faster. */
import { pad, toHex, type Address } from 'viem'
import { Book, TaskLedger } from '../scale/ledger.ts'
import type { TaskPlan } from '../scale/plan.ts'
import type { PlayedTask } from '../scale/play.ts'

/** Addresses for actors who need none but to be told apart. */
export const paperAddresses = (count: number): Address[] => Array.from({ length: count }, (_, actor) => pad(toHex(actor + 1), { size: 20 }))

/** Only one committee: whoever deals several needs a chain's seed. */
export function playOnPaper(plan: TaskPlan, addresses: readonly Address[]): Pick<PlayedTask, 'plan' | 'ledger'> {
  const ledger = new TaskLedger(plan, addresses, { stake: new Book(), bounty: new Book() })
  for (const { actor, amount, lock } of plan.stakes) ledger.stake(addresses[actor]!, amount, lock)
  plan.rounds.forEach(({ submissions, validators, keyRevealed, settled, score }, round) => {
    const opened = submissions.flatMap(({ actor, opens }, index) => (opens ? [{ actor, order: index + 1, time: 0 }] : []))
    const trainers = opened.map(({ actor }) => addresses[actor]!)
    if (!keyRevealed || !settled || opened.length === 0 || validators.length === 0) {
      ledger.close({ submissions: trainers, bps: keyRevealed ? 0 : plan.rules.slashKey })
      return
    }
    if (validators.length > plan.rules.committeeSize) throw new Error(`${validators.length} validators are more than one committee of ${plan.rules.committeeSize}.`)
    const input = ledger.input(round, opened, validators.map(({ actor }) => ({ actor, time: 0 })), null)
    validators.forEach(({ actor, does }, position) => {
      if (does !== 'reveals') return
      input.validators[position]!.revealed = { batch: 0, scores: [null, ...opened.keys()].map(item => score(actor, item)) }
    })
    ledger.book(ledger.preview(input), trainers)
  })
  return { plan, ledger }
}
