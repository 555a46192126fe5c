import { concatHex, encodeFunctionData, type Hex } from 'viem'
import { submissionCommitment } from '../../src/arena/commitments.ts'
import { phaseEnd } from '../../src/arena/phases.ts'
import { arenaAbi } from '../../src/chain/abi.ts'
import type { PlayedTask, Stage } from './played.ts'
import { chunks, seal, sealForData } from './seals.ts'
import { grief, settleBatches, settleData } from './settlements.ts'
import { WORD } from './world.ts'

/** Validators whose seals, or reveals, one transaction carries. */
const GATHERED = 32

/** Plays one round of all tasks from the first commitment to the last settlement. */
export async function playRound(stage: Stage, tasks: readonly PlayedTask[], round: number): Promise<void> {
  const { chain, call, addresses, options } = stage
  const go = (task: PlayedTask, phase: 'submit' | 'open' | 'validate' | 'reveal') => chain.travel(phaseEnd(task.clock, round, phase) + 1)
  const id = BigInt(round)
  for (const { plan, taskId } of tasks) {
    const { submissions, validators } = plan.rounds[round]!
    for (const { actor } of submissions) {
      const commitment = submissionCommitment({ taskId, round, trainer: addresses[actor]!, adapterDigest: WORD, salt: WORD })
      call(actor, 'submit', encodeFunctionData({ abi: arenaAbi, functionName: 'submit', args: [taskId, id, commitment] }))
    }
    for (const { actor } of validators) call(actor, 'enroll', encodeFunctionData({ abi: arenaAbi, functionName: 'enroll', args: [taskId, id] }))
  }
  const submitted = (await chain.flush()).filter(({ label }) => label === 'enroll').map(({ time }) => time)
  for (const task of tasks) {
    task.rounds[round] = {
      opened: [], enrolled: task.plan.rounds[round]!.validators.map(({ actor }) => ({ actor, time: submitted.shift()! })),
      seed: null, input: null, outcome: null,
    }
  }

  await go(tasks[0]!, 'submit')
  for (const { plan, taskId } of tasks) {
    const { submissions, keyRevealed } = plan.rounds[round]!
    for (const { actor, opens } of submissions) {
      if (opens) call(actor, 'open', encodeFunctionData({ abi: arenaAbi, functionName: 'open', args: [taskId, id, WORD, WORD] }))
    }
    if (keyRevealed) call(plan.creator, 'revealKey', encodeFunctionData({ abi: arenaAbi, functionName: 'revealKey', args: [taskId, id, WORD] }))
  }
  const opened = (await chain.flush()).filter(({ label }) => label === 'open').map(({ time }) => time)
  for (const { plan, rounds } of tasks) {
    plan.rounds[round]!.submissions.forEach(({ actor, opens }, order) => {
      if (opens) rounds[round]!.opened.push({ actor, order: order + 1, time: opened.shift()! })
    })
  }

  await go(tasks[0]!, 'open')
  const judged = tasks.filter(({ plan, rounds }) => {
    const { keyRevealed, validators } = plan.rounds[round]!
    return keyRevealed && validators.length > 0 && rounds[round]!.opened.length > 0
  })
  await dealCommittees(stage, judged, round)
  // Vectors by validator address; a validator judges at most one batch.
  const vectors = judged.map(task => seal(task, round, addresses))
  for (const [index, { plan, taskId }] of judged.entries()) {
    if (options.gather) {
      for (const part of chunks(vectors[index]!, GATHERED)) {
        call(plan.creator, 'sealFor', await sealForData(stage, part, taskId, round))
      }
    } else {
      for (const { actor, seal } of vectors[index]!) {
        call(actor, 'seal', encodeFunctionData({ abi: arenaAbi, functionName: 'seal', args: [taskId, id, seal] }))
      }
    }
  }
  await chain.flush()

  await go(tasks[0]!, 'validate')
  judged.forEach(({ taskId, plan }, index) => {
    const revealing = vectors[index]!.filter(({ actor }) => plan.rounds[round]!.validators.find(entry => entry.actor === actor)!.does === 'reveals')
    for (const part of Map.groupBy(revealing, ({ batch }) => batch).values()) {
      for (const group of chunks(part, options.gather ? GATHERED : 1)) {
        call(options.gather ? plan.creator : group[0]!.actor, 'reveal', encodeFunctionData({
          abi: arenaAbi, functionName: 'reveal',
          args: [taskId, id, BigInt(group[0]!.batch), group.map(({ actor }) => addresses[actor]!), group.map(() => WORD), concatHex(group.map(({ vector }) => vector))],
        }))
      }
    }
  })
  await chain.flush()

  await go(tasks[0]!, 'reveal')
  for (const task of judged) {
    if (!task.plan.rounds[round]!.settled) continue
    const settlements = settleBatches(task, round)
    if (options.griefing) await grief(stage, task, round, settlements)
    for (const [batch, { consensus, vectors }] of settlements.entries()) {
      call(task.plan.creator, 'settle', settleData(task.taskId, round, batch, consensus, vectors))
    }
  }
  await chain.flush()
}

/** Two calls a block apart, where more are enrolled than one committee holds; the chain's seed is the only thing taken from it. */
async function dealCommittees({ chain, arena, call }: Stage, tasks: readonly PlayedTask[], round: number): Promise<void> {
  const dealt = tasks.filter(({ plan, rounds }) => rounds[round]!.enrolled.length > plan.rules.committeeSize)
  for (let twice = 0; twice < 2; twice++) {
    for (const { plan, taskId } of dealt) {
      call(plan.creator, 'fixSeed', encodeFunctionData({ abi: arenaAbi, functionName: 'fixSeed', args: [taskId, BigInt(round)] }))
    }
    await chain.flush()
  }
  const logs = await chain.call('eth_getLogs', [{ address: arena, fromBlock: 'latest', toBlock: 'latest' }]) as { topics: Hex[]; data: Hex }[]
  const seeds = new Map(logs.map(({ topics, data }) => [`${BigInt(topics[1]!)}`, data]))
  for (const { taskId, rounds } of dealt) {
    const seed = seeds.get(String(taskId))
    if (!seed) throw new Error(`No seed for task ${taskId}.`)
    rounds[round]!.seed = seed
  }
}
