import { expect, test } from 'vitest'
import { keyCommitment, openShard } from '../arena/sealedShard.ts'
import { parseTaskSpec } from '../arena/taskSpec.ts'
import { parseRows } from '../data/parseRows.ts'
import { prepareTask, splitShards, TooFewRowsError } from './createTask.ts'

const rows = Array.from({ length: 20 }, (_, i) => ({ conversations: [{ role: 'user' as const, content: `q${i}` }, { role: 'assistant' as const, content: `a${i}` }] }))
const model = { id: 'tiny', revision: 'r', parameters: 100, files: [{ name: 'model.gguf', sha256: 'a'.repeat(64), bytes: 1, url: 'https://host.example/tiny.gguf' }] }

test('every row is in one place, dealt by the seed', () => {
  const { shards, trainingRows } = splitShards(rows, { shards: 3, rowsPerShard: 4, seed: 7 })
  expect(shards.map(({ length }) => length)).toEqual([4, 4, 4])
  expect([...shards.flat(), ...trainingRows].map((row) => row.conversations[0].content).sort()).toEqual(rows.map((row) => row.conversations[0].content).sort())
  expect(splitShards(rows, { shards: 3, rowsPerShard: 4, seed: 7 }).shards).toEqual(shards)
  expect(() => splitShards(rows, { shards: 5, rowsPerShard: 5, seed: 7 })).toThrow(TooFewRowsError)
})

test('hidden shards open with their keys alone, and the spec names all that was published', async () => {
  const files = new Map<string, Uint8Array>()
  const cids = ['bafkreifjjcie6lypi6ny7amxnfftagclbuxndqonfipmb64f2km2devei4', 'bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku', 'bafkreicydzmq52ptpfcgrrtnnrnqo2qkjuqr44xri6e6ye4j2hwe5oeniu']
  const publish = async (file: Uint8Array) => {
    const cid = cids[files.size]!
    files.set(cid, file)
    return cid
  }
  const { file, keys } = await prepareTask(publish, {
    title: 'T', description: 'D', models: [model], parameterLimit: 200, contextLength: 64, ...splitShards(rows, { shards: 2, rowsPerShard: 5, seed: 1 }),
  })
  const spec = parseTaskSpec(file)
  expect(spec.trainingSet).toMatchObject({ rows: 10 })
  expect(new Set([...spec.shards.map(({ cid }) => cid), spec.trainingSet!.cid])).toEqual(new Set(cids))
  for (const [i, shard] of spec.shards.entries()) {
    const opened = parseRows(await openShard(keys[i]!, files.get(shard.cid)!, shard.plaintextSha256))
    expect(opened.rows).toHaveLength(5)
    await expect(openShard(keys[1 - i]!, files.get(shard.cid)!, shard.plaintextSha256)).rejects.toThrow('does not open')
  }
  expect(keyCommitment(keys[0]!)).not.toBe(keyCommitment(keys[1]!))
})
