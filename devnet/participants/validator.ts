import { parseEther, type Hex } from 'viem'
import { digestToCid } from '../../src/arena/cid.ts'
import { newSalt } from '../../src/arena/commitments.ts'
import { INVALID } from '../../src/arena/scoreVector.ts'
import { openShard } from '../../src/arena/sealedShard.ts'
import type { TaskSpec } from '../../src/arena/taskSpec.ts'
import { senderOf, type ArenaWriter } from '../../src/chain/arena.ts'
import type { Duty } from '../../src/chain/state/duties.ts'
import { batchesIn } from '../../src/chain/state/rounds.ts'
import type { TaskState } from '../../src/chain/state/taskState.ts'
import { enroll } from '../../src/chain/writes/enroll.ts'
import { revealScores } from '../../src/chain/writes/revealScores.ts'
import { sealScores } from '../../src/chain/writes/sealScores.ts'
import { stake } from '../../src/chain/writes/stake.ts'
import { parseRows } from '../../src/data/parseRows.ts'
import { fetchDirectory, fetchFile, pin, type ArenaNode } from '../../src/network/index.ts'
import type { AdapterFiles } from '../../workers/protocol.ts'
import { scoreItems } from './engine.ts'
import type { Participant } from './participant.ts'

const ADAPTER_BYTES = 4 * 2 ** 20
const ADAPTER_WAIT = 15_000

/** An honest validator. */
export function scriptedValidator(name: string, writer: ArenaWriter, node: ArenaNode): Participant {
  const kept = new Map<string, { scores: number[]; salt: Hex }>()

  async function judge(task: TaskState, round: number, batch: number, spec: TaskSpec): Promise<number[]> {
    const state = task.rounds[round]!
    const shard = spec.shards[round]!
    const file = await fetchFile(node, shard.cid, { maxBytes: shard.bytes! })
    const { rows } = parseRows(await openShard(state.key!, file, task.shards[round]!.plaintextDigest))
    const { from, to } = batchesIn(task, state)[batch]!
    const adapters = await Promise.all(state.submissions.slice(from, to).map(({ adapterDigest }) => fetchAdapter(adapterDigest, task.taskId)))
    const items = [null, ...adapters].flatMap((adapter, i) => (adapter === undefined ? [] : [{ id: String(i), adapter }]))
    const scores = new Map((await scoreItems(spec, rows, items)).map((score, i) => [items[i]!.id, score]))
    return [0, ...adapters.map((_, i) => i + 1)].map((i) => scores.get(String(i)) ?? INVALID)
  }

  async function fetchAdapter(digest: Hex, taskId: bigint): Promise<AdapterFiles | undefined> {
    const cid = digestToCid(digest, 'dag-pb')
    try {
      const files = await fetchDirectory(node, cid, { maxBytes: ADAPTER_BYTES, timeout: ADAPTER_WAIT, taskId: String(taskId) })
      await pin(node, cid, { label: name })
      const config = files['adapter_config.json']
      const weights = files['adapter_model.safetensors']
      return config && weights && { 'adapter_config.json': config, 'adapter_model.safetensors': weights }
    } catch {
      return undefined
    }
  }

  return {
    writer,
    async takePart(task, round) {
      if (task.rounds[round]!.validators.some(({ validator }) => validator === senderOf(writer))) return null
      if (!task.stakes.has(senderOf(writer))) await stake(writer, { taskId: task.taskId, role: 'validator', amount: parseEther('200') })
      await enroll(writer, { taskId: task.taskId, round })
      return `${name} enrolled`
    },
    async fulfil(task: TaskState, duty: Duty, spec: TaskSpec) {
      if (duty.kind === 'open') return null
      const place = { taskId: task.taskId, round: duty.round, batch: duty.batch }
      const key = `${task.taskId}:${duty.round}`
      if (duty.kind === 'score') {
        const record = kept.get(key) ?? { scores: await judge(task, duty.round, duty.batch, spec), salt: newSalt() }
        kept.set(key, record)
        await sealScores(writer, { ...place, ...record })
        return `${name} sealed its scores`
      }
      const record = kept.get(key)
      if (!record) return null
      await revealScores(writer, { ...place, reveals: [{ validator: senderOf(writer), ...record }] })
      return `${name} revealed its scores`
    },
  }
}
