/** The page in which league tables are timed: the same reads that the app makes, on the same store. */
import { connect } from '../../../src/chain/client.ts'
import { deploymentFor, type Deployment } from '../../../src/chain/deployments.ts'
import { feedOf } from '../../../src/chain/feed.ts'
import { keptLeagues, readLeagues } from '../../../src/chain/reads/readLeagues.ts'
import type { LeagueRow } from '../../../src/chain/state/league.ts'

/** A row as it leaves the page: what can be compared, without bigints. */
export interface PlainRow {
  task: string
  round: number
  trainer: string
  rank: number | null
  score: number | null
  reward: string
  slashed: string
}

export interface LeagueTimes {
  /** From asking to all rows. */
  milliseconds: number
  /** From the start of the navigation to all rows: scripts loaded and run. */
  sinceNavigation: number
  rows: PlainRow[]
}

declare global {
  var league: {
    /** Whatever this browser has kept; no chain. */
    kept: (rpcUrl: string, deployment: Deployment) => Promise<LeagueTimes>
    /** In step with the chain. */
    read: (rpcUrl: string, deployment: Deployment) => Promise<LeagueTimes & { syncMilliseconds: number; events: number; validations: number }>
  }
}

const plain = ({ taskId, round, trainer, rank, score, reward, slashed }: LeagueRow): PlainRow =>
  ({ task: String(taskId), round, trainer, rank, score, reward: String(reward), slashed: String(slashed) })

globalThis.league = {
  async kept(rpcUrl, known) {
    const { rpc } = await connect(rpcUrl)
    const deployment = deploymentFor(known.chainId, known)
    const start = performance.now()
    const rows = await keptLeagues({ rpc, deployment })
    const end = performance.now()
    return { milliseconds: end - start, sinceNavigation: end, rows: rows.map(plain) }
  },
  async read(rpcUrl, known) {
    const { rpc } = await connect(rpcUrl)
    const reader = { rpc, deployment: deploymentFor(known.chainId, known) }
    const start = performance.now()
    await feedOf(reader).refresh()
    const synced = performance.now()
    const rows = await readLeagues(reader)
    const end = performance.now()
    const tasks = await feedOf(reader).tasks.read()
    const events = (await feedOf(reader).store.events()).length
    const validations = [...tasks.values()].flatMap(task => task.rounds).flatMap(round => round.validators)
      .reduce((sum, { revealed }) => sum + (revealed?.scores.slice(1).filter(score => score !== 0xffff_fffe).length ?? 0), 0)
    return { milliseconds: end - start, sinceNavigation: end, syncMilliseconds: synced - start, events, validations, rows: rows.map(plain) }
  },
}
