/**
 * Plays task plans on the real contracts, all tasks side by side on one clock,
 * and books the same with `src/arena`.
 */
import { encodeFunctionData } from 'viem'
import { roundSpan } from '../../src/arena/phases.ts'
import { ABSTAIN } from '../../src/arena/scoreVector.ts'
import { arenaAbi } from '../../src/chain/abi.ts'
import { BulkChain } from './bulkChain.ts'
import { conclude } from './conclude.ts'
import { delegate } from './delegate.ts'
import { Book, TaskLedger, type Owed } from './ledger.ts'
import type { TaskPlan } from './plan.ts'
import { playRound } from './playRound.ts'
import type { Played, PlayedTask, PlayOptions, Stage } from './played.ts'
import { createTaskData, DAY, deployWorld, PHASE } from './world.ts'

export type { Played, PlayedTask } from './played.ts'

/** @param onStep told what is being done. The caller stops `played.chain`. */
export async function play(
  plans: readonly TaskPlan[], actorCount: number, onStep: (step: string) => void = () => undefined, options: PlayOptions = {},
): Promise<Played> {
  const chain = await BulkChain.start({ keepLogs: options.keepLogs })
  try {
    return await playOn(chain, plans, actorCount, onStep, options)
  } catch (error) {
    await chain.stop()
    throw error
  }
}

async function playOn(
  chain: BulkChain, plans: readonly TaskPlan[], actorCount: number, onStep: (step: string) => void, options: PlayOptions,
): Promise<Played> {
  const actors = Array.from({ length: actorCount }, (_, index) => BulkChain.actor(`actor ${index}`))
  const addresses = actors.map(({ address }) => address)
  const { deployment, tokens } = await deployWorld(chain, actors)
  const { arena } = deployment
  const stage: Stage = {
    chain, arena, actors, addresses, options, griefing: { attempts: 0, refused: 0 },
    call: (actor, label, data) => { chain.push(actors[actor]!, label, arena, data) },
  }
  const owed: Owed = { stake: new Book(), bounty: new Book() }

  onStep('Creating tasks')
  const start = await chain.time() + DAY
  const tasks = plans.map((plan, index): PlayedTask => {
    stage.call(plan.creator, 'createTask', createTaskData(plan, start, tokens.bounty))
    return {
      plan, taskId: BigInt(index), clock: { start, ...PHASE, rounds: plan.rounds.length }, rounds: [],
      ledger: new TaskLedger(plan, addresses, owed),
    }
  })
  await chain.flush()
  await chain.travel(start)
  for (const { plan, taskId, ledger } of tasks) {
    for (const { actor, role, amount, lock } of plan.stakes) {
      const lockUntil = lock === 0 ? 0 : start + lock
      stage.call(actor, 'stake', encodeFunctionData({
        abi: arenaAbi, functionName: 'stake', args: [taskId, role === 'trainer' ? 1 : 2, amount, lockUntil, []],
      }))
      ledger.stake(addresses[actor]!, amount, lockUntil)
    }
  }
  await chain.flush()
  const vaults = await delegate(stage, deployment, tasks)

  const last = Math.max(...plans.map(plan => plan.rounds.length))
  for (let round = 0; round <= last; round++) {
    const [first] = tasks
    await chain.travel(first!.clock.start + round * roundSpan(first!.clock) + 1)
    onStep(round < last ? `Round ${round + 1} of ${last}` : 'Concluding the last round')
    await conclude(stage, tasks.filter(({ plan }) => round > 0 && round - 1 < plan.rounds.length), round - 1)
    const playing = tasks.filter(({ plan }) => round < plan.rounds.length)
    if (playing.length > 0) await playRound(stage, playing, round)
  }
  return { chain, deployment, arena, tokens, actors, tasks, owed, vaults, griefing: stage.griefing, ...count(tasks) }
}

function count(tasks: readonly PlayedTask[]): Pick<Played, 'models' | 'validations'> {
  const counted = { models: 0, validations: 0 }
  for (const { rounds } of tasks) {
    for (const { opened, input, outcome } of rounds) {
      counted.models += opened.length
      if (!outcome || !input) continue
      for (const { revealed } of input.validators) {
        if (typeof revealed !== 'string') counted.validations += revealed.scores.slice(1).filter(score => score !== ABSTAIN).length
      }
    }
  }
  return counted
}
