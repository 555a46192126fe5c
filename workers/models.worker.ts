/** The models that this browser keeps, and plans for those it does not hold yet; see `ModelsCommand` and `ModelsEvent`. */
import { Pace } from './engine/progress.ts'
import { modelCache } from './engine/weights/cache/modelCache.ts'
import { openModelFile } from './engine/weights/openModelFile.ts'
import { WeightsError } from './engine/weights/source.ts'
import { addModel, discardModel } from './models/addModel.ts'
import { planRun } from './models/planRun.ts'
import type { ModelsCommand, ModelsEvent } from './protocol.ts'
import { serve, type Service } from './serve.ts'

serve<ModelsCommand, ModelsEvent>(answer, { together: true })

async function answer(command: Exclude<ModelsCommand, { type: 'cancel' }>, { signal, emit }: Service<ModelsEvent>): Promise<void> {
  const { runId } = command
  if (command.type === 'plan') return emit({ type: 'plan', runId, ...(await planRun(command, signal)) })
  const cache = await modelCache()
  if (!cache) throw new WeightsError('This browser keeps no files for this page.', 'Leave private browsing, or use a current browser.')
  switch (command.type) {
    case 'add':
      return emit({
        type: 'added', runId,
        ...(await addModel(cache, command.model, {
          signal, parameterLimit: command.parameterLimit,
          onDownload: (file, progress) => emit({ type: 'loading', runId, file, progress }),
          onCheck: (progress) => emit({ type: 'checking', runId, progress }),
        })),
      })
    case 'open':
      return emit({ type: 'opened', runId, file: await cache.blob(command.key) })
    case 'discard':
      await discardModel(cache, command.model)
      break
    case 'delete':
      await cache.delete(command.key)
      break
    case 'fetch': {
      let pace: Pace | undefined
      const onDownload = (file: string, done: number, total: number): void => {
        pace ??= new Pace('bytes', total, done)
        emit({ type: 'loading', runId, file, progress: pace.at(done) })
      }
      await openModelFile(command.file, { signal, onDownload })
      break
    }
    case 'list':
      break
    default:
      command satisfies never
  }
  emit({ type: 'listed', runId, files: await cache.list() })
}
