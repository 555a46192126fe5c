/** `npm run train`: LoRA fine-tuning in Node, on the engine that runs in the page; see `usage`. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Session } from '../../workers/engine/commands/session.ts'
import { train } from '../../workers/engine/commands/train.ts'
import { loraSettingsSchema } from '../../workers/engine/lora/settings.ts'
import { fileCheckpoints } from '../../workers/engine/node/fileCheckpoints.ts'
import { TrainingControl } from '../../workers/engine/training/control.ts'
import { trainingSettingsSchema } from '../../workers/engine/training/settings.ts'
import type { MemoryPlan, TrainEvent } from '../../workers/protocol.ts'
import { fileTuning } from '../../workers/engine/node/fileTuning.ts'
import { UsageError, adapterOption, commonSetup, commonUsage, numberOption, parseOptions, required, rowsOption } from './options.ts'
import { duration, peakMemory, runCommand, showProgress, showTuning, tell, writeJson } from './report.ts'

const usage = `npm run train -- --model PATH --rows FILE --out DIR [options]

Fine-tunes a LoRA adapter and writes it as PEFT loads it. Says bits per byte on
the validation rows before and after. Ctrl-C ends the run and keeps the best
adapter so far; with --resume an interrupted run goes on from its checkpoint.

  --rows FILE       training rows: JSONL or JSON (AI Arena, Alpaca, ShareGPT, OpenAI), or text
  --validation FILE own validation rows (default: a share of the rows)
  --validation-share S  share of the rows held out (default 0.1)
  --limit N         take only the first N rows
  --out DIR         folder for the adapter and, while training, its checkpoint
  --steps N         optimiser steps at most (default 100)
  --batch N         sequences per micro-batch (default 1)
  --accumulate N    micro-batches per step (default 1)
  --learning-rate R (default 1e-3)
  --schedule NAME   constant, linear or cosine (default cosine)
  --warmup N        steps of warm-up (default 0)
  --weight-decay D  (default 0)     --clip N   largest gradient norm, 0: none (default 1)
  --rank R          (default 8)     --alpha A  (default 2·rank)   --dropout P (default 0)
  --targets LIST    q_proj,v_proj or all-linear (default all-linear)
  --rslora          scale by alpha/√rank      --lora-plus R  factor on B's learning rate (default 1)
  --no-packing      one row per sequence
  --gradient-checkpointing  recompute activations: less memory, more time
  --evaluate-every N (default 20)   --patience N  evaluations without a gain, 0: never stop (default 3)
  --checkpoint-every N  (default 20)   --resume  go on from the checkpoint in --out
  --adapter DIR     continue from this PEFT adapter
  --sample PROMPT   continue this prompt at every evaluation (may be repeated)
${commonUsage}`

await runCommand(async () => {
  const { values } = parseOptions({
    'rows': { type: 'string' }, 'validation': { type: 'string' }, 'validation-share': { type: 'string', default: '0.1' }, 'limit': { type: 'string' },
    'out': { type: 'string' }, 'steps': { type: 'string', default: '100' }, 'batch': { type: 'string', default: '1' },
    'accumulate': { type: 'string', default: '1' }, 'learning-rate': { type: 'string', default: '1e-3' }, 'schedule': { type: 'string', default: 'cosine' },
    'warmup': { type: 'string', default: '0' }, 'weight-decay': { type: 'string', default: '0' }, 'clip': { type: 'string', default: '1' },
    'rank': { type: 'string', default: '8' }, 'alpha': { type: 'string' }, 'dropout': { type: 'string', default: '0' },
    'targets': { type: 'string', default: 'all-linear' }, 'rslora': { type: 'boolean', default: false }, 'lora-plus': { type: 'string', default: '1' },
    'no-packing': { type: 'boolean', default: false }, 'gradient-checkpointing': { type: 'boolean', default: false },
    'evaluate-every': { type: 'string', default: '20' }, 'patience': { type: 'string', default: '3' }, 'checkpoint-every': { type: 'string', default: '20' },
    'resume': { type: 'boolean', default: false }, 'adapter': { type: 'string' }, 'sample': { type: 'string', multiple: true, default: [] },
  }, usage)
  const number = (name: keyof typeof values): number => numberOption(name, values[name] as string)
  const rows = rowsOption('rows', required('rows', values.rows), values.limit)
  const validationRows = values.validation === undefined ? undefined : rowsOption('validation', values.validation)
  const out = required('out', values.out)
  const lora = loraSettingsSchema.safeParse({
    rank: number('rank'), alpha: values.alpha === undefined ? 2 * number('rank') : number('alpha'), dropout: number('dropout'),
    targetModules: values.targets === 'all-linear' ? 'all-linear' : values.targets.split(','), rsLora: values.rslora,
  })
  const training = trainingSettingsSchema.safeParse({
    steps: number('steps'), batchSize: number('batch'), accumulate: number('accumulate'), learningRate: number('learning-rate'),
    loraPlusRatio: number('lora-plus'), warmupSteps: number('warmup'), schedule: values.schedule, weightDecay: number('weight-decay'),
    clip: number('clip'), packing: !values['no-packing'], gradientCheckpointing: values['gradient-checkpointing'], seed: number('seed'),
    validationShare: number('validation-share'), evaluateEvery: number('evaluate-every'), patience: number('patience'),
    checkpointEvery: number('checkpoint-every'), samplePrompts: values.sample,
  })
  const issue = lora.error?.issues[0] ?? training.error?.issues[0]
  if (!lora.success || !training.success) throw new UsageError(`${issue?.path.join('.')}: ${issue?.message}`)
  const setup = await commonSetup(values)
  const adapter = values.adapter === undefined ? undefined : adapterOption(values.adapter)
  mkdirSync(out, { recursive: true })

  const control = new TrainingControl()
  process.once('SIGINT', () => {
    tell('Ending after this step; Ctrl-C again ends at once.')
    control.stop()
  })
  const history: Extract<TrainEvent, { type: 'step' | 'evaluated' }>[] = []
  const started = performance.now()
  let stepping = started
  const emit = (event: TrainEvent): void => {
    switch (event.type) {
      case 'loading': return showProgress(`reading ${event.file}`, event.progress)
      case 'backend': return tell(`${event.backend}: ${event.device}${event.fallbacks.map((line) => `\n${line}`).join('')}`)
      case 'planned':
        stepping = performance.now()
        tell(`${event.parameters} parameters, ${event.trainable} trainable, ${event.rows} training rows, ${event.skippedRows} skipped; ${memoryInWords(event.memory)}`)
        return
      case 'resumed': return tell(`going on from step ${event.step}`)
      case 'step':
        history.push(event)
        tell(`step ${event.step}  loss ${event.loss.toFixed(4)}  norm ${event.gradientNorm.toFixed(3)}  lr ${event.learningRate.toExponential(2)}  ${event.tokensPerSecond.toFixed(0)} tokens/s  ${(event.flopsPerSecond / 1e9).toFixed(1)} GFLOP/s`)
        return showProgress('training', event.progress)
      case 'evaluated':
        history.push(event)
        return tell(`step ${event.step}  validation loss ${event.loss.toFixed(4)}${Number.isNaN(event.bitsPerByte) ? '' : `  ${event.bitsPerByte.toFixed(5)} bits per byte`}${event.best ? '  (best)' : ''}`)
      case 'sample': return tell(`sample  ${event.prompt} → ${event.text}`)
      case 'finished': {
        for (const [name, bytes] of Object.entries(event.adapter)) writeFileSync(join(out, name), bytes)
        const evaluations = history.flatMap((item) => (item.type === 'evaluated' ? [item] : []))
        const best = evaluations.find(({ step }) => step === event.bestStep)
        const seconds = (performance.now() - stepping) / 1000
        const before = evaluations.find(({ step }) => step === 0)
        if (before && best) tell(`validation: ${before.bitsPerByte.toFixed(5)} bits per byte before, ${best.bitsPerByte.toFixed(5)} after ${event.bestStep} steps`)
        tell(`ended by ${event.reason} after ${event.steps} steps in ${duration(seconds * 1000)}, ${(seconds / Math.max(1, event.steps)).toFixed(2)} s a step with evaluation; peak memory ${(peakMemory() / 2 ** 20).toFixed(0)} MiB`)
        tell(`adapter in ${out}`)
        return writeJson(values.json, {
          reason: event.reason, steps: event.steps, bestStep: event.bestStep, bestLoss: event.bestLoss,
          bitsPerByteBefore: before?.bitsPerByte, bitsPerByteAfter: best?.bitsPerByte, seconds, peakMemory: peakMemory(), history,
        })
      }
      case 'cancelled': return tell('cancelled')
      case 'unsaved': return tell(`the checkpoint of step ${event.step} could not be kept: ${event.error.message}`)
      case 'tuning': case 'checkpoint': case 'paused': case 'failed': return
      default: event satisfies never
    }
  }
  await train({ type: 'train', runId: 'checkpoint', ...setup, rows, ...(validationRows ? { validationRows } : {}), lora: lora.data, training: training.data, ...(adapter ? { adapter } : {}), resume: values.resume }, {
    session: new Session({ tuning: fileTuning(), half: true, onTuning: showTuning }), control, emit, checkpoints: fileCheckpoints(out),
  })
})

function memoryInWords({ weights, adapter, optimizer, activations, scratch, total }: MemoryPlan): string {
  const parts = Object.entries({ weights, adapter, optimiser: optimizer, activations, scratch }).map(([name, bytes]) => `${name} ${(bytes / 2 ** 20).toFixed(0)}`)
  return `${(total / 2 ** 20).toFixed(0)} MiB planned (${parts.join(', ')})`
}
