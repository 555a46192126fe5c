/** What a walk through the app needs: named and timed steps, pictures, tabs of separate people. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, BrowserContext, Page } from 'playwright'

export interface Person {
  name: string
  context: BrowserContext
  page: Page
}

export class Walk {
  readonly times: { step: string; seconds: number }[] = []
  readonly problems: string[] = []
  readonly folder: string
  readonly #browser: Browser
  readonly #url: string
  #pictures = 0

  constructor(browser: Browser, url: string, folder: string) {
    this.#browser = browser
    this.#url = url
    this.folder = folder
    mkdirSync(folder, { recursive: true })
  }

  /** Runs one step, prints and keeps its time. */
  async step<T>(name: string, action: () => Promise<T>): Promise<T> {
    const started = performance.now()
    process.stdout.write(`· ${name} … `)
    try {
      return await action()
    } finally {
      const seconds = (performance.now() - started) / 1000
      this.times.push({ step: name, seconds })
      console.log(`${seconds.toFixed(1)} s`)
    }
  }

  /** A new person: a browser profile of their own with the app open. */
  async person(name: string, options: Parameters<Browser['newContext']>[0] = {}): Promise<Person> {
    const context = await this.#browser.newContext({ viewport: { width: 1180, height: 860 }, ...options })
    const page = await this.open(context, name)
    return { name, context, page }
  }

  /** Another tab of a person. */
  async open(context: BrowserContext, name: string): Promise<Page> {
    const page = await context.newPage()
    page.on('pageerror', (error) => this.problems.push(`${name}: ${error.message}`))
    page.on('console', (message) => {
      if (message.type() === 'error') this.problems.push(`${name}: ${message.text()}`)
    })
    page.setDefaultTimeout(60_000)
    await page.goto(this.#url)
    return page
  }

  /** A picture of the whole page, numbered in the order of the walk. */
  async picture(page: Page, name: string): Promise<void> {
    const number = String(++this.#pictures).padStart(2, '0')
    await page.evaluate(() => scrollTo(0, 0))
    await page.screenshot({ path: join(this.folder, `${number}-${name}.png`), fullPage: true })
  }

  /** The same page at desktop and phone width, light and dark. */
  async pictures(page: Page, name: string): Promise<void> {
    const size = page.viewportSize()!
    for (const [width, label] of [[1180, 'desktop'], [390, 'phone']] as const) {
      await page.setViewportSize({ width, height: 860 })
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme })
        await this.picture(page, `${name}-${label}-${colorScheme}`)
      }
    }
    await page.emulateMedia({ colorScheme: null })
    await page.setViewportSize(size)
  }
}
