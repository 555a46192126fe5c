/**
 * Brings a model into this browser: every file into the cache, then all of it
 * read once, so that a model in the list is a model that works.
 */
import type { CachedModelFile, ModelDescription, ModelFile, ModelSource, Progress } from '../protocol.ts'
import { Pace } from '../engine/progress.ts'
import { cacheKey, type ModelCache } from '../engine/weights/cache/modelCache.ts'
import { openModel } from '../engine/weights/openModel.ts'
import { urlSource } from '../engine/weights/urlSource.ts'
import { describeModel } from './describe.ts'

export interface AddOptions {
  signal: AbortSignal
  parameterLimit?: number
  /** Bytes of the whole model, and the file that is coming. */
  onDownload: (file: string, progress: Progress) => void
  onCheck: (progress: Progress) => void
}

/** The address under which a file is cached; a person's own file has none of its own. */
const addressOf = (model: ModelSource, { name, source }: ModelFile): string => (typeof source === 'string' ? source : `own:${model.id}/${name}`)

/**
 * @throws {WeightsError | ModelConfigError | TokenizerError} the model cannot be used; its files are deleted again.
 *   When aborted, or when the connection broke, what came is kept.
 */
export async function addModel(
  cache: ModelCache, model: ModelSource, { signal, parameterLimit, onDownload, onCheck }: AddOptions,
): Promise<{ files: CachedModelFile[]; description: ModelDescription }> {
  const sizes = await Promise.all(model.files.map(async ({ name, source }) => (typeof source === 'string' ? (await urlSource(source, name, signal)).size : source.size)))
  const total = sizes.reduce((sum, size) => sum + size, 0)
  let before = 0
  let pace: Pace | undefined
  const files: CachedModelFile[] = []
  for (const [index, file] of model.files.entries()) {
    const { name, source, sha256 } = file
    const options = {
      signal,
      onDownload: (_name: string, done: number) => {
        pace ??= new Pace('bytes', total, before + done)
        onDownload(name, pace.at(before + done))
      },
    }
    const url = addressOf(model, file)
    if (typeof source === 'string') await cache.open({ url, name, size: sizes[index], sha256 }, options)
    else await cache.keep({ url, name }, source, options)
    const held = await cache.held(cacheKey(url))
    if (held) files.push({ ...held, name })
    before += sizes[index]
  }
  try {
    return { files, description: await checkModel({ id: model.id, files: files.map(({ key, name }) => ({ name, source: `cache:${key}` })) }, { signal, parameterLimit, onCheck }) }
  } catch (error) {
    if (!signal.aborted) await discardModel(cache, model)
    throw error
  }
}

/** Deletes what was brought of a model. */
export async function discardModel(cache: ModelCache, model: ModelSource): Promise<void> {
  for (const file of model.files) await cache.delete(cacheKey(addressOf(model, file)))
}

/** Reads header, configuration, tokenizer and every weight. */
async function checkModel(model: ModelSource, { signal, parameterLimit, onCheck }: Pick<AddOptions, 'signal' | 'parameterLimit' | 'onCheck'>): Promise<ModelDescription> {
  const open = await openModel(model, { signal, parameterLimit })
  await open.tokenizer()
  let pace: Pace | undefined
  const onBytes = (done: number, total: number): void => onCheck((pace ??= new Pace('bytes', total)).at(done))
  const weights = open.stream({ signal, onBytes })
  while (!(await weights.next()).done);
  return describeModel(open, model.files.map(({ name }) => name))
}
