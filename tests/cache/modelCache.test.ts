import { createHash, randomBytes } from 'node:crypto'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { launchChromium } from '../../tools/chromium.ts'
import { servePage } from '../helpers/servePage.ts'
import type { Handler } from '../helpers/servePage.ts'
import type { ModelsCommand, ModelsEvent } from '../../workers/protocol.ts'
import type { Answer, Question } from './worker.ts'

const bytes = randomBytes(9 * 2 ** 20)
const sha256 = createHash('sha256').update(bytes).digest('hex')

describe('the cache of downloaded models, in Chromium', () => {
  /** Ranges asked for since the last look, and where the next long answer breaks. */
  let asked: string[] = []
  let breakAfter = Infinity
  const serve: Handler = ({ pathname }, request, response) => {
    if (pathname === '/plain.bin') {
      asked.push('whole')
      response.writeHead(200, { 'content-length': bytes.length }).end(bytes)
      return true
    }
    if (pathname !== '/model.bin') return false
    const [, from, to] = /bytes=(\d+)-(\d+)/.exec(request.headers.range ?? '') ?? ['', '0', String(bytes.length - 1)]
    const body = bytes.subarray(Number(from), Number(to) + 1)
    if (body.length > 1) asked.push(`${from}-${to}`)
    response.writeHead(206, { 'content-range': `bytes ${from}-${to}/${bytes.length}`, 'content-length': body.length })
    if (body.length > breakAfter) {
      response.write(body.subarray(0, breakAfter), () => setTimeout(() => response.destroy(), 200))
      breakAfter = Infinity
    } else response.end(body)
    return true
  }
  let site: Awaited<ReturnType<typeof servePage>>
  let browser: Browser
  let page: Page
  const ask = (question: Question): Promise<Answer> => {
    asked = []
    return page.evaluate((question) => globalThis.ask(question), question)
  }
  const open = { do: 'open', url: '/model.bin', sha256 } as const
  const opened = { size: bytes.length, first: bytes[0], last: bytes.at(-1) }

  beforeAll(async () => {
    site = await servePage(join(import.meta.dirname, 'page.html'), serve)
    browser = await launchChromium()
    page = await browser.newPage()
    await page.goto(site.url)
    await page.waitForFunction(() => 'ask' in globalThis)
  }, 120_000)
  afterAll(async () => {
    await browser?.close()
    await site?.close()
  })

  it('throws a file with another hash away', async () => {
    const { error, names } = await ask({ ...open, sha256: sha256.replace(/./, (digit) => (digit === 'a' ? 'b' : 'a')) })
    expect(error).toMatchObject({ name: 'WeightsError', message: expect.stringMatching(/was expected/) })
    expect(names).toEqual([])
  })

  it('goes on where a download was stopped, in another worker, and where the connection broke', async () => {
    const stopped = await ask({ ...open, abortAfter: 2 ** 20 })
    expect(stopped.error?.message).toBe('enough')
    expect(stopped.names).toEqual([expect.stringMatching(/\.part$/)])
    breakAfter = 3 * 2 ** 20
    const resumed = await ask(open)
    expect(resumed.error).toBeUndefined()
    expect(resumed.opened).toEqual(opened)
    const starts = asked.map((range) => Number(range.split('-')[0]))
    expect(starts).toHaveLength(2)
    expect(starts[0]).toBeGreaterThanOrEqual(2 ** 20)
    expect(starts[1]).toBeGreaterThan(starts[0])
    expect(resumed.progress?.at(-1)).toBe(bytes.length)
  })

  it('opens what is there without asking for it again', async () => {
    expect((await ask(open)).opened).toEqual(opened)
    expect(asked).toEqual([])
  })

  it('keeps what comes from a server without ranges, downloaded once', async () => {
    const { opened: there, error } = await ask({ do: 'open', url: '/plain.bin', sha256 })
    expect(error).toBeUndefined()
    expect(there).toEqual(opened)
    // One look at its length, one download.
    expect(asked).toEqual(['whole', 'whole'])
    await ask({ do: 'delete', url: '/plain.bin' })
  })

  it('asks for room before it downloads', async () => {
    const { error } = await ask({ do: 'open', url: '/model.bin?again', room: 5 * 2 ** 20 })
    expect(error).toMatchObject({ name: 'WeightsError', message: expect.stringMatching(/needs 9437184 bytes more, the browser leaves this page 5242880/), advice: expect.stringMatching(/Delete cached models/) })
    expect(asked).toEqual([])
    await ask({ do: 'delete', url: '/model.bin?again' })
  })

  it('says so where there is less room than the browser told', async () => {
    const cdp = await page.context().newCDPSession(page)
    const origin = new URL(site.url).origin
    await cdp.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 12 * 2 ** 20 })
    const { error } = await ask({ do: 'open', url: '/model.bin?again' })
    expect(error).toMatchObject({ name: 'WeightsError', message: expect.stringMatching(/is more than the browser leaves this page/), advice: expect.stringMatching(/Delete cached models/) })
    await cdp.send('Storage.overrideQuotaForOrigin', { origin })
    expect((await ask({ do: 'delete', url: '/model.bin?again' })).names.every((name) => !name.endsWith('.part'))).toBe(true)
  })

  it('lists, shares, deletes and fetches ahead by the worker that the page talks to', async () => {
    const command = (command: ModelsCommand): Promise<ModelsEvent[]> => page.evaluate((text) => globalThis.command(JSON.parse(text) as ModelsCommand), JSON.stringify(command))
    const file = { key: expect.any(String) as string, url: '/model.bin', name: 'model.bin', size: bytes.length, sha256 }
    const [listed] = await command({ type: 'list', runId: 'a' })
    expect(listed).toEqual({ type: 'listed', runId: 'a', files: [file] })
    const { key } = (listed as Extract<ModelsEvent, { type: 'listed' }>).files[0]
    const shared = await page.evaluate(async (key) => {
      const [event] = await globalThis.command({ type: 'open', runId: 'b', key })
      return event.type === 'opened' ? event.file?.size : null
    }, key)
    expect(shared).toBe(bytes.length)
    expect(await command({ type: 'delete', runId: 'c', key })).toEqual([{ type: 'listed', runId: 'c', files: [] }])
    expect((await ask({ do: 'names' })).names).toEqual([])
    const events = await command({ type: 'fetch', runId: 'd', file: { name: 'model.bin', source: '/model.bin', sha256 } })
    expect(events.at(0)).toMatchObject({ type: 'loading', file: 'model.bin', progress: { unit: 'bytes', total: bytes.length } })
    expect(events.at(-1)).toEqual({ type: 'listed', runId: 'd', files: [file] })
  })
})
