/**
 * Two scripted trainers and a validator, so that a lone newcomer sees a filled
 * league table. They use the engine, the chain and the network as a tab does.
 */
import { phaseAt } from '../../src/arena/phases.ts'
import { senderOf } from '../../src/chain/arena.ts'
import { readTask } from '../../src/chain/reads/readTask.ts'
import { dutiesOf } from '../../src/chain/state/duties.ts'
import { tick } from '../../src/chain/writes/tick.ts'
import type { LocalArena } from '../arena.ts'
import { scriptedTrainer } from './trainer.ts'
import { scriptedValidator } from './validator.ts'

/** @returns what ends them. */
export async function startParticipants(arena: LocalArena, log: (line: string) => void): Promise<() => void> {
  const { node } = arena.relay
  const people = [
    scriptedValidator('The scripted validator', await arena.writer(3), node),
    scriptedTrainer('Scripted trainer 1', await arena.writer(1), node, { steps: 40 }),
    scriptedTrainer('Scripted trainer 2', await arena.writer(2), node, { steps: 15, learningRate: 0.003 }),
  ]
  let isStopped = false

  async function look(): Promise<void> {
    for (const { taskId, demo } of arena.tasks) {
      for (const person of people) {
        const { task, time } = await readTask(person.writer, taskId)
        const tell = (round: number, what: string | null) => what && log(`Round ${round + 1} of task ${taskId}: ${what}.`)
        for (const { round } of task.rounds) {
          if (phaseAt(task.clock, round, time) === 'submit') tell(round, await person.takePart(task, round, demo.spec))
        }
        for (const duty of dutiesOf(task, senderOf(person.writer), time)) tell(duty.round, await person.fulfil(task, duty, demo.spec))
      }
      await tick(people[0]!.writer, taskId)
    }
  }

  void (async () => {
    while (!isStopped) {
      await look().catch((error: Error) => log(`A scripted participant failed and tries again: ${error.message}`))
      await new Promise((resolve) => setTimeout(resolve, 1000))
    }
  })()
  return () => {
    isStopped = true
  }
}
