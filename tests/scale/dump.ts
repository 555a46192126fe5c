/** Writes every input and every resulting balance of a run, so that anyone can recompute them with code of their own. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { packScores } from '../../src/arena/scoreVector.ts'
import type { Played } from './played.ts'

const text = (value: unknown): string =>
  JSON.stringify(value, (_key, entry: unknown) => (typeof entry === 'bigint' ? String(entry) : entry), 1)

/** `task-N.json` per task and `balances.json`; wei and weight units as decimal strings. */
export function dump(played: Played, folder: string): void {
  mkdirSync(folder, { recursive: true })
  for (const { plan, taskId, clock, ledger, rounds } of played.tasks) {
    writeFileSync(join(folder, `task-${taskId}.json`), text({
      taskId, clock, rules: plan.rules, bounty: plan.bounty, bond: plan.bond,
      delegations: (plan.delegations ?? []).map(({ operator, delegator, amount }) => ({ operator: ledger.addressOf(operator), delegator: ledger.addressOf(delegator), amount })),
      sigma: plan.sigma,
      stakes: plan.stakes.map(({ actor, ...stake }) => ({ account: ledger.addressOf(actor), ...stake })),
      rounds: rounds.map(({ opened, seed, input, outcome }) => ({
        seed,
        commitments: opened.map(({ actor, order }) => ({ trainer: ledger.addressOf(actor), order })),
        submissions: input?.submissions ?? [],
        validators: input?.validators.map(({ revealed, ...validator }) => ({
          ...validator,
          ...(typeof revealed === 'string' ? { missed: revealed } : { batch: revealed.batch, vector: packScores(revealed.scores) }),
        })) ?? [],
        consensus: outcome?.verdicts.map(({ consensus }) => packScores(consensus)) ?? [],
        winners: outcome?.winners ?? [],
        trainerReward: outcome?.trainerReward, validatorReward: outcome?.validatorReward,
        slashes: outcome?.slashes ?? [], payments: outcome?.payments ?? [],
      })),
      stakesLeft: Object.fromEntries(ledger.stakes.entries), delegatedLeft: Object.fromEntries(ledger.backing.entries),
      delegatorsEarned: ledger.earned,
    }))
  }
  writeFileSync(join(folder, 'balances.json'), text({
    owedStakeToken: Object.fromEntries(played.owed.stake.entries), owedBountyToken: Object.fromEntries(played.owed.bounty.entries),
  }))
}
