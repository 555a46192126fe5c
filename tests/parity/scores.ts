/** Bits per byte against those that somebody else computed (`scores.json`). */
import { z } from 'zod'
import { importPeft } from '../../workers/engine/lora/peftImport.ts'
import { placeAdapter, removeAdapter } from '../../workers/engine/lora/residentAdapter.ts'
import type { LoadedModel } from '../../workers/engine/model/loadModel.ts'
import { bitsPerByte } from '../../workers/engine/scoring/bitsPerByte.ts'
import { Scorer } from '../../workers/engine/scoring/scorer.ts'
import type { EncodedRow } from '../../workers/engine/tokenizer/encodeRows.ts'
import { readJson, requiredFile } from './folder.ts'
import type { Folder } from './folder.ts'
import type { Differences } from './tolerances.ts'

const numbers = z.array(z.int())
const rowSchema = z.object({ input_ids: numbers, labels: numbers, target_bytes: z.number() })
const scoreSchema = z.object({ adapter: z.string().nullish(), bits_per_byte: z.number() })
const scoresSchema = z.looseObject({ base_model: z.string(), rows: z.array(rowSchema).min(1) })

/** The name of the base that a folder's `scores.json` is about. */
export async function baseOfScores(folder: Folder): Promise<string> {
  return scoresSchema.parse(await readJson(folder, 'scores.json')).base_model
}

/** @param models the folder that adapters' paths start from. */
export async function checkScores(folder: Folder, model: LoadedModel, models: Folder): Promise<Differences> {
  const { base_model: _, rows, ...rest } = scoresSchema.parse(await readJson(folder, 'scores.json'))
  const scores = Object.values(rest).map((value) => scoreSchema.safeParse(value)).flatMap(({ data }) => (data ? [data] : []))
  if (!scores.length) throw new Error(`${folder.path}/scores.json has no bits_per_byte.`)
  const scorer = new Scorer(model, rows.map(encoded))
  try {
    let bitsPerByteRelative = 0
    for (const { adapter, bits_per_byte } of scores) {
      const planned = adapter ? placeAdapter(model.executor, 'scored', await readAdapter(adapter, folder, models, model)) : null
      const actual = bitsPerByte(await scorer.score(planned))
      // NaN stays NaN, which no tolerance allows.
      bitsPerByteRelative = Math.max(bitsPerByteRelative, Math.abs(actual - bits_per_byte) / bits_per_byte)
      if (planned) {
        scorer.dispose()
        removeAdapter(model.executor, planned)
      }
    }
    return { bitsPerByteRelative }
  } finally {
    scorer.dispose()
  }
}

function encoded({ input_ids: ids, labels, target_bytes: targetBytes }: z.infer<typeof rowSchema>, row: number): EncodedRow {
  return { row, ids, labels, targetBytes, targetTokens: labels.filter((label, i) => i > 0 && label >= 0).length, truncated: false }
}

async function readAdapter(path: string, folder: Folder, models: Folder, model: LoadedModel) {
  const place = (await models.folder(path).file('adapter_config.json')) ? models.folder(path) : folder.folder(path)
  const bytes = async (name: string) => new Uint8Array(await (await requiredFile(place, name)).arrayBuffer())
  const files = { 'adapter_config.json': await bytes('adapter_config.json'), 'adapter_model.safetensors': await bytes('adapter_model.safetensors') }
  return (await importPeft(files, model.config)).adapter
}
