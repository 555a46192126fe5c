import type { ArenaReader } from '../arena.ts'
import { feedOf } from '../feed.ts'
import { leagueOf, type LeagueRow } from '../state/league.ts'
import type { SyncOptions } from '../sync.ts'
import { readWeightUnit } from './readWeightUnit.ts'

/** Name in the store: rows of rounds that are over, which never change. */
const LEAGUE = 'league:'

/**
 * The league tables of all rounds that were over when this browser last looked, without a look at the chain:
 * something to show at once.
 */
export async function keptLeagues(reader: ArenaReader): Promise<LeagueRow[]> {
  const kept = await feedOf(reader).store.derived<LeagueRow[]>(LEAGUE)
  return kept.flatMap(({ value }) => value)
}

/**
 * The league tables of all rounds of all tasks, as the chain has them now: by task, round and rank. Rounds that are over are
 * computed once and kept.
 * @throws RpcDownError, RpcLimitError, RateLimitedError; the signal's reason.
 */
export async function readLeagues(reader: ArenaReader, options: Pick<SyncOptions, 'signal' | 'onProgress'> = {}): Promise<LeagueRow[]> {
  const feed = feedOf(reader)
  const [{ head }, weightUnit] = await Promise.all([feed.refresh(options), readWeightUnit(reader)])
  const tasks = await feed.tasks.read()
  const generation = await feed.store.generation()
  const known = new Map((await feed.store.derived<LeagueRow[]>(LEAGUE)).map(({ name, value }) => [name, value]))
  const added: { name: string; block: number; value: LeagueRow[] }[] = []
  const rows: LeagueRow[] = []
  for (const task of [...tasks.values()].sort((a, b) => Number(a.taskId - b.taskId))) {
    for (const round of task.rounds) {
      const name = `${LEAGUE}${task.taskId}:${round.round}`
      const league = known.get(name) ?? leagueOf(task, round, weightUnit)
      if (round.done && league.length > 0 && !known.has(name)) added.push({ name, block: head.number, value: league })
      for (const row of league) rows.push(row)
    }
  }
  await feed.store.keep(added, generation)
  return rows
}
