/** A model against logits and greedy tokens that somebody else computed. */
import { z } from 'zod'
import { TokenStream } from '../../workers/engine/generation/tokenStream.ts'
import type { LoadedModel } from '../../workers/engine/model/loadModel.ts'
import { readJson } from './folder.ts'
import type { Folder } from './folder.ts'
import { largestDifference, logitsOf } from './logits.ts'
import { tensorFile, valuesOf } from './tensorFile.ts'
import type { Differences } from './tolerances.ts'

const ids = z.array(z.int().min(0)).min(1)
const prompt = z.object({ input_ids: ids, greedy_ids: ids })
const goldenSchema = z.looseObject({
  input_ids: z.union([z.array(ids).min(1), ids.transform((row) => [row])]).optional(),
  /** The name of a safetensors file with tensor `logits`, perhaps followed by its shape in words. */
  logits: z.string().optional(),
  mean_nll: z.number().optional(),
  greedy_ids: ids.optional(),
  prompts: z.array(prompt).optional(),
})

/** Checks `golden.json` and the tensors beside it. */
export async function checkGolden(folder: Folder, model: LoadedModel): Promise<Differences> {
  const golden = goldenSchema.parse(await readJson(folder, 'golden.json'))
  const differences: Differences = {}
  if (golden.input_ids && golden.logits) {
    const expected = await valuesOf(await tensorFile(folder, golden.logits.split(' ')[0]), 'logits')
    await compareRows(model, golden.input_ids, expected, golden.mean_nll, differences)
  }
  const prompts = [...(golden.prompts ?? []), ...(golden.greedy_ids && golden.input_ids ? [{ input_ids: golden.input_ids[0], greedy_ids: golden.greedy_ids }] : [])]
  if (prompts.length) differences.greedyIdsThatDiffer = await sum(prompts, ({ input_ids, greedy_ids }) => greedyDifference(model, input_ids, greedy_ids))
  const tensors = prompts.length ? await tensorFile(folder, 'golden_logits.safetensors').catch(() => null) : null
  if (tensors?.entries.has('last_logits')) {
    const { input_ids } = prompts[0]
    differences.logits = largestDifference(await logitsOf(model, input_ids, [input_ids.length - 1]), await valuesOf(tensors, 'last_logits'))
  }
  if (!Object.keys(differences).length) throw new Error(`${folder.path}/golden.json has neither logits nor greedy ids.`)
  return differences
}

async function compareRows(model: LoadedModel, rows: number[][], expected: Float32Array, meanNll: number | undefined, differences: Differences): Promise<void> {
  const { vocabularySize } = model.config
  let nll = 0
  let at = 0
  differences.logits = 0
  for (const row of rows) {
    const logits = await logitsOf(model, row, [...row.keys()])
    differences.logits = Math.max(differences.logits, largestDifference(logits, expected.subarray(at, at + logits.length)))
    at += logits.length
    for (let i = 1; i < row.length; i++) nll += negativeLogLikelihood(logits.subarray((i - 1) * vocabularySize, i * vocabularySize), row[i])
  }
  if (at !== expected.length) throw new Error(`The recorded logits are ${expected.length} numbers, the rows give ${at}.`)
  const targets = rows.reduce((sum, row) => sum + row.length - 1, 0)
  if (meanNll !== undefined) differences.meanNllRelative = Math.abs(nll / targets - meanNll) / meanNll
}

const storySchema = z.object({ token_ids: ids, mean_nll: z.number(), logits_at: z.record(z.string(), z.array(z.number())) })

/** Checks `golden-logits.json`: one row, logits at some of its places, and the row itself as greedy tokens. */
export async function checkStory(folder: Folder, model: LoadedModel): Promise<Differences> {
  const { token_ids, mean_nll, logits_at } = storySchema.parse(await readJson(folder, 'golden-logits.json'))
  const { vocabularySize } = model.config
  const logits = await logitsOf(model, token_ids, [...token_ids.keys()])
  const rowAt = (i: number): Float32Array => logits.subarray(i * vocabularySize, (i + 1) * vocabularySize)
  let nll = 0
  for (let i = 1; i < token_ids.length; i++) nll += negativeLogLikelihood(rowAt(i - 1), token_ids[i])
  return {
    logits: Math.max(...Object.entries(logits_at).map(([place, expected]) => largestDifference(rowAt(Number(place)), expected))),
    meanNllRelative: Math.abs(nll / (token_ids.length - 1) - mean_nll) / mean_nll,
    greedyIdsThatDiffer: await greedyDifference(model, token_ids.slice(0, 1), token_ids.slice(1)),
  }
}

/** How many of the tokens after a prompt are not the likeliest one, each appended to those recorded before it. */
async function greedyDifference(model: LoadedModel, prompt: number[], greedy: number[]): Promise<number> {
  const stream = new TokenStream(model, null, prompt.length + greedy.length)
  try {
    let different = 0
    let logits = await stream.append(prompt)
    for (const [i, id] of greedy.entries()) {
      if (logits.indexOf(Math.max(...logits)) !== id) different++
      if (i + 1 < greedy.length) logits = await stream.append([id])
    }
    return different
  } finally {
    stream.dispose()
  }
}

function negativeLogLikelihood(logits: Float32Array, target: number): number {
  const largest = logits.reduce((a, b) => Math.max(a, b), -Infinity)
  return Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit - largest), 0)) + largest - logits[target]
}

async function sum<T>(items: readonly T[], value: (item: T) => Promise<number>): Promise<number> {
  let total = 0
  for (const item of items) total += await value(item)
  return total
}
