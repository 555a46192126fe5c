import { cacheKey, modelCache } from '../../workers/engine/weights/cache/modelCache.ts'
import { openModelFile } from '../../workers/engine/weights/openModelFile.ts'

export type Question =
  | { do: 'open'; url: string; sha256?: string; abortAfter?: number; room?: number }
  | { do: 'names' }
  | { do: 'delete'; url: string }

export interface Answer {
  /** First and last byte and size of what was opened. */
  opened?: { size: number; first: number; last: number }
  progress?: number[]
  /** All names in the cache's folder. */
  names: string[]
  error?: { name: string; message: string; advice?: string }
}

addEventListener('message', ({ data: question }: MessageEvent<Question>) => void answer(question).then((answer) => postMessage(answer)))

async function answer(question: Question): Promise<Answer> {
  const progress: number[] = []
  const names = async (): Promise<string[]> => {
    const found: string[] = []
    const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle('models', { create: true })
    for await (const name of folder.keys()) found.push(name)
    return found.sort()
  }
  try {
    if (question.do === 'delete') await (await modelCache())?.delete(cacheKey(question.url))
    if (question.do !== 'open') return { names: await names() }
    // A browser that tells of so little room cannot be made otherwise.
    const { room } = question
    if (room !== undefined) navigator.storage.estimate = () => Promise.resolve({ quota: room, usage: 0 })
    const abort = new AbortController()
    const source = await openModelFile({ name: 'model.bin', source: question.url, ...(question.sha256 ? { sha256: question.sha256 } : {}) }, {
      signal: abort.signal,
      onDownload: (_name, done) => {
        progress.push(done)
        if (question.abortAfter !== undefined && done >= question.abortAfter) abort.abort(new Error('enough'))
      },
    })
    const [[first], [last]] = [await source.read(0, 1), await source.read(source.size - 1, 1)]
    return { opened: { size: source.size, first, last }, progress, names: await names() }
  } catch (error) {
    const { name, message, advice } = error as Error & { advice?: string }
    return { progress, names: await names(), error: { name, message, advice } }
  }
}
