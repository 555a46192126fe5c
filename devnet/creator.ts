/** The demo's creator: publishes a task, funds it, and reveals each round's key when its phase has come. */
import { parseEther, type Address } from 'viem'
import { defaultRules } from '../src/arena/defaultRules.ts'
import type { Clock } from '../src/arena/parameters.ts'
import { phaseAt } from '../src/arena/phases.ts'
import type { ArenaWriter } from '../src/chain/arena.ts'
import { revealKey } from '../src/chain/writes/revealKey.ts'
import type { ArenaNode } from '../src/network/index.ts'
import { publishTask, type PhaseLengths, type PreparedTask } from '../src/workflows/createTask.ts'
import { DEMO_ROUNDS, demoDraft } from './demo/task.ts'

export interface RunningTask {
  taskId: bigint
  demo: PreparedTask
  clock: Clock
}

/** Publishes the demo task through a node, creates it on chain and pays for it. */
export async function publishDemoTask(
  writer: ArenaWriter, node: ArenaNode, edition: number, lengths: PhaseLengths, bountyToken?: Address,
): Promise<RunningTask> {
  const { taskId, receipt, ...demo } = await publishTask({ writer, node, keep: async () => undefined }, await demoDraft(edition), {
    ...(bountyToken && { bountyToken }),
    bounty: parseEther('10000'),
    bond: parseEther('1000'),
    trainerMinStake: parseEther('100'),
    validatorMinStake: parseEther('100'),
    lengths, rules: defaultRules, rounds: DEMO_ROUNDS,
  })
  const { timestamp } = await writer.rpc.getBlock({ blockNumber: receipt.blockNumber })
  return { taskId, demo, clock: { start: Number(timestamp), ...lengths, rounds: DEMO_ROUNDS } }
}

/** Reveals keys as their rounds come to be opened, until stopped. */
export function keepRevealing(writer: ArenaWriter, tasks: RunningTask[], log: (line: string) => void, withheld: number[] = []): () => void {
  const revealed = new Set<string>()
  let busy = false
  const timer = setInterval(() => void look(), 500)
  async function look(): Promise<void> {
    if (busy) return
    busy = true
    try {
      const now = Number((await writer.rpc.getBlock()).timestamp)
      for (const { taskId, demo, clock } of tasks) {
        for (const [round, key] of demo.keys.entries()) {
          const name = `${taskId}:${round}`
          if (revealed.has(name) || withheld.includes(round) || phaseAt(clock, round, now) !== 'open') continue
          await revealKey(writer, { taskId, round, key })
          revealed.add(name)
          log(`Round ${round + 1} of task ${taskId}: the creator revealed the key of the hidden rows.`)
        }
      }
    } catch (error) {
      log(`The creator could not reveal a key: ${(error as Error).message}`)
    } finally {
      busy = false
    }
  }
  return () => clearInterval(timer)
}
