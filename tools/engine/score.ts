/** `npm run score`: bits per byte of a base and of adapters on a rows file; see `usage`. */
import { basename, resolve } from 'node:path'
import { Session } from '../../workers/engine/commands/session.ts'
import { score } from '../../workers/engine/commands/score.ts'
import type { ScoreEvent, ScoreItem } from '../../workers/protocol.ts'
import { fileTuning } from '../../workers/engine/node/fileTuning.ts'
import { adapterOption, commonSetup, commonUsage, numberOption, parseOptions, required, rowsOption } from './options.ts'
import { runCommand, showProgress, showTuning, tell, writeJson } from './report.ts'

const usage = `npm run score -- --model PATH --rows FILE [ADAPTER…] [options]

Bits per byte (lower is better) of the base model and of each PEFT adapter folder
on the rows of a file, as validators score them.

  --rows FILE       JSONL or JSON (AI Arena, Alpaca, ShareGPT, OpenAI), or text
  --limit N         take only the first N rows
  --parameter-limit N  parameters (base and adapter) above which an adapter is invalid
${commonUsage}`

await runCommand(async () => {
  const { values, positionals } = parseOptions({
    'rows': { type: 'string' }, 'limit': { type: 'string' }, 'parameter-limit': { type: 'string', default: String(Number.MAX_SAFE_INTEGER) },
  }, usage)
  const rows = rowsOption('rows', required('rows', values.rows), values.limit)
  const items: ScoreItem[] = [{ id: 'base', adapter: null }, ...positionals.map((path) => ({ id: basename(resolve(path)), adapter: adapterOption(path) }))]
  const setup = await commonSetup(values)
  const abort = new AbortController()
  process.once('SIGINT', () => abort.abort(new Error('Interrupted.')))
  const emit = (event: ScoreEvent): void => {
    switch (event.type) {
      case 'loading': return showProgress(`reading ${event.file}`, event.progress)
      case 'backend': return tell(`${event.backend}: ${event.device}${event.fallbacks.map((line) => `\n${line}`).join('')}`)
      case 'scoring': return showProgress(`${event.itemId} (${event.item + 1} of ${event.items})`, event.progress)
      case 'scored': {
        const { itemId, verdict } = event
        if (verdict.kind === 'invalid') return tell(`${itemId}  INVALID  ${verdict.reason}`)
        const skipped = verdict.skippedRows ? `, ${verdict.skippedRows} skipped` : ''
        return tell(`${itemId}  ${(verdict.microBitsPerByte / 1e6).toFixed(6)} bits per byte over ${verdict.rows.length} rows${skipped}`)
      }
      case 'finished': return writeJson(values.json, event.verdicts)
      case 'tuning': case 'cancelled': case 'failed': return
      default: event satisfies never
    }
  }
  const parameterLimit = numberOption('parameter-limit', values['parameter-limit'])
  await score({ type: 'score', runId: 'score', ...setup, rows, items, parameterLimit }, { session: new Session({ tuning: fileTuning(), onTuning: showTuning }), signal: abort.signal, emit })
})
