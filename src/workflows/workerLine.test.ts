import { expect, test } from 'vitest'
import type { WorkerError } from '../../workers/protocol.ts'
import { WorkerLine } from './workerLine.ts'

type Command = { type: 'count'; runId: string; to: number } | { type: 'cancel'; runId: string }
type Event =
  | { type: 'counting'; runId: string; at: number }
  | { type: 'counted'; runId: string; by: number }
  | { type: 'failed'; runId: string; error: WorkerError }

/** A port that answers as a worker does; `heard` is what came in. */
function counters() {
  const started: { heard: Command[]; ended: boolean; port: MessagePort; worker: Worker }[] = []
  const open = () => {
    const { port1, port2 } = new MessageChannel()
    const worker = Object.assign(port1, { terminate: () => (entry.ended = true), onerror: null }) as unknown as Worker
    const entry = { heard: [] as Command[], ended: false, port: port2, worker }
    port2.onmessage = ({ data }: MessageEvent<Command>) => {
      entry.heard.push(data)
      if (data.type === 'cancel' || data.to === 0) return
      const { runId, to } = data
      for (let at = 1; at < to; at++) port2.postMessage({ type: 'counting', runId, at })
      port2.postMessage(to > 100
        ? { type: 'failed', runId, error: { name: 'TooFarError', message: `${to} is too far.`, advice: 'Count less.' } }
        : { type: 'counted', runId, by: started.length })
    }
    started.push(entry)
    return worker
  }
  return { started, line: new WorkerLine<Command, Event>(open) }
}

test('questions share a worker, and each gets its own answer and what came before it', async () => {
  const { line, started } = counters()
  const seen: number[][] = [[], []]
  const answers = await Promise.all([3, 2].map((to, i) => line.ask({ type: 'count', to }, 'counted', {
    onEvent: (event) => { if (event.type === 'counting') seen[i]!.push(event.at) },
  })))
  expect(answers.map(({ by }) => by)).toEqual([1, 1])
  expect(seen).toEqual([[1, 2], [1]])
  expect(started).toHaveLength(1)
})

test('what the worker reports as failed is thrown with its advice', async () => {
  const { line } = counters()
  await expect(line.ask({ type: 'count', to: 101 }, 'counted')).rejects.toMatchObject({ name: 'TooFarError', message: '101 is too far.', advice: 'Count less.' })
})

test('an aborted question ends at once and tells the worker; one that was aborted before is not asked', async () => {
  const { line, started } = counters()
  const abort = new AbortController()
  const asked = line.ask({ type: 'count', to: 0 }, 'counted', { signal: abort.signal })
  abort.abort(new Error('enough'))
  await expect(asked).rejects.toThrow('enough')
  await expect(line.ask({ type: 'count', to: 1 }, 'counted', { signal: abort.signal })).rejects.toThrow('enough')
  // Messages arrive in order: with this answer the others are here.
  await line.ask({ type: 'count', to: 1 }, 'counted')
  const [first, second, ...others] = started[0]!.heard
  expect(second).toEqual({ type: 'cancel', runId: first!.runId })
  expect(others).toHaveLength(1)
})

test('a worker that stops fails what is open, and the next question starts another', async () => {
  const { line, started } = counters()
  const asked = line.ask({ type: 'count', to: 0 }, 'counted')
  started[0]!.worker.onerror!({ message: 'out of memory' } as ErrorEvent)
  await expect(asked).rejects.toMatchObject({ name: 'WorkerError', message: expect.stringContaining('out of memory') as string })
  expect((await line.ask({ type: 'count', to: 1 }, 'counted')).by).toBe(2)
})

test('letting go ends the worker and every open question', async () => {
  const { line, started } = counters()
  const asked = line.ask({ type: 'count', to: 0 }, 'counted')
  line.dispose()
  await expect(asked).rejects.toMatchObject({ name: 'AbortError' })
  expect(started[0]!.ended).toBe(true)
})
