import { join } from 'node:path'
import { launchChromium } from '../../tools/chromium.ts'
import { servePage } from '../helpers/servePage.ts'
import type { PathReport } from './checkPath.ts'
import { serveFolders } from './serveFolders.ts'

/**
 * Runs the checks on WebGPU in headless Chromium.
 *
 * @param paths absolute, as is `models`.
 * @throws {Error} when the page fails as a whole, e.g. without WebGPU.
 */
export async function checkInChromium(paths: readonly string[], models: string, tell: (report: PathReport) => void): Promise<void> {
  const site = await servePage(join(import.meta.dirname, 'page.html'), serveFolders([...paths, models]))
  const browser = await launchChromium()
  try {
    const page = await browser.newPage()
    page.on('console', (message) => {
      if (message.type() === 'error') console.error(`page: ${message.text()}`)
    })
    page.on('pageerror', (error) => console.error(`page: ${error.message}`))
    await page.exposeFunction('tell', tell)
    await page.goto(site.url)
    await page.waitForFunction(() => 'checkAll' in globalThis)
    await page.evaluate(({ paths, models }) => (globalThis as unknown as { checkAll: (paths: readonly string[], models: string) => Promise<void> }).checkAll(paths, models), { paths, models })
  } finally {
    await browser.close()
    await site.close()
  }
}
