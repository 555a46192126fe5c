import { parseEther, type Hex } from 'viem'
import { cidToDigest } from '../../src/arena/cid.ts'
import { newSalt } from '../../src/arena/commitments.ts'
import { senderOf, type ArenaWriter } from '../../src/chain/arena.ts'
import type { Duty } from '../../src/chain/state/duties.ts'
import type { TaskState } from '../../src/chain/state/taskState.ts'
import { openSubmission } from '../../src/chain/writes/openSubmission.ts'
import { sealSubmission } from '../../src/chain/writes/sealSubmission.ts'
import { stake } from '../../src/chain/writes/stake.ts'
import { addDirectory, fetchFile, pin, type ArenaNode } from '../../src/network/index.ts'
import { parseRows } from '../../src/data/parseRows.ts'
import type { TaskSpec } from '../../src/arena/taskSpec.ts'
import type { TrainingSettings } from '../../workers/protocol.ts'
import { trainAdapter } from './engine.ts'
import type { Participant } from './participant.ts'

/** A trainer who trains once per task and seals the same adapter in every round. */
export function scriptedTrainer(name: string, writer: ArenaWriter, node: ArenaNode, settings: Partial<TrainingSettings>): Participant {
  const adapters = new Map<bigint, Hex>()
  const sealed = new Map<string, { digest: Hex; salt: Hex }>()

  async function adapterOf(taskId: bigint, spec: TaskSpec): Promise<Hex> {
    const kept = adapters.get(taskId)
    if (kept) return kept
    const { cid, bytes } = spec.trainingSet!
    const { rows } = parseRows(await fetchFile(node, cid, { maxBytes: bytes! }))
    const adapterCid = await addDirectory(node, { ...(await trainAdapter(spec, rows, settings)) })
    await pin(node, adapterCid, { label: name })
    const digest = cidToDigest(adapterCid, 'dag-pb')
    adapters.set(taskId, digest)
    return digest
  }

  return {
    writer,
    async takePart(task: TaskState, round: number, spec: TaskSpec) {
      const { taskId } = task
      if (task.rounds[round]!.commitments.has(senderOf(writer))) return null
      if (!task.stakes.has(senderOf(writer))) await stake(writer, { taskId, role: 'trainer', amount: parseEther('200') })
      const seal = { digest: await adapterOf(taskId, spec), salt: newSalt() }
      sealed.set(`${taskId}:${round}`, seal)
      await sealSubmission(writer, { taskId, round, adapterDigest: seal.digest, salt: seal.salt })
      return `${name} sealed an adapter`
    },
    async fulfil({ taskId }: TaskState, duty: Duty) {
      const seal = sealed.get(`${taskId}:${duty.round}`)
      if (duty.kind !== 'open' || !seal) return null
      await openSubmission(writer, { taskId, round: duty.round, adapterDigest: seal.digest, salt: seal.salt })
      return `${name} opened its adapter`
    },
  }
}
