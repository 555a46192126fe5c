import { expect, it } from 'vitest'
import { animalRows, openStories, storiesFolder } from '../../../tests/helpers/stories.ts'
import type { ItemVerdict, ScoreEvent, ScoreItem } from '../../protocol.ts'
import { freshAdapter } from '../lora/adapter.ts'
import { layoutOfSettings } from '../lora/layout.ts'
import { exportPeft } from '../lora/peftExport.ts'
import { loraSettingsSchema } from '../lora/settings.ts'
import { modelFolder } from '../node/modelFolder.ts'
import { openExecutor } from '../plan/execute/openExecutor.ts'
import { score } from './score.ts'
import { Session } from './session.ts'

it('scores what can be scored, and says why the rest cannot', async () => {
  const { model } = await openStories((await openExecutor(['wasm'])).executor)
  const fresh = (rank: number) => exportPeft(
    freshAdapter(layoutOfSettings(model.config, loraSettingsSchema.parse({ rank, alpha: 8, targetModules: ['q_proj'] })), 1),
    { baseModel: model.id, dropout: 0, rsLora: false },
  )
  model.executor.dispose()
  const small = fresh(2)
  const items: ScoreItem[] = [
    { id: 'base', adapter: null }, { id: 'fresh', adapter: small }, { id: 'absent', adapter: 'No peer has the adapter.' },
    { id: 'large', adapter: fresh(64) }, { id: 'broken', adapter: { ...small, 'adapter_config.json': new Uint8Array([123]) } },
  ]
  const session = new Session()
  const run = async (signal: AbortSignal, onEvent?: (event: ScoreEvent) => void): Promise<ScoreEvent[]> => {
    const events: ScoreEvent[] = []
    await score({
      type: 'score', runId: 'run', model: await modelFolder(storiesFolder), text: { contextLength: 128 }, rows: animalRows, items,
      parameterLimit: 270_000, backends: ['wasm'],
    }, { session, signal, emit: (event) => { events.push(event); onEvent?.(event) } })
    return events
  }
  const end = (await run(new AbortController().signal)).at(-1)
  if (end?.type !== 'finished') throw new Error('not finished')
  const verdicts = new Map<string, ItemVerdict>(end.verdicts.map(({ id, verdict }) => [id, verdict]))
  // A fresh adapter changes nothing: B is zero.
  expect(verdicts.get('base')).toMatchObject({ kind: 'score', skippedRows: 0 })
  expect(verdicts.get('fresh')).toEqual(verdicts.get('base'))
  expect(verdicts.get('absent')).toEqual({ kind: 'invalid', reason: 'No peer has the adapter.' })
  expect(verdicts.get('large')).toMatchObject({ kind: 'invalid', reason: expect.stringMatching(/allowed|too many/) as string })
  expect(verdicts.get('broken')).toMatchObject({ kind: 'invalid' })

  const abort = new AbortController()
  await expect(run(abort.signal, (event) => { if (event.type === 'scored') abort.abort() })).rejects.toThrow(/abort/i)
  session.reset()
})
