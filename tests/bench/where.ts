import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { launchChromium } from '../../tools/chromium.ts'
import { openDawn } from '../../workers/engine/backend/dawn.ts'
import type { VulkanDriver } from '../../workers/engine/backend/dawn.ts'
import { openGpu } from '../../workers/engine/backend/device.ts'
import { servePage } from '../helpers/servePage.ts'
import { benches } from './benches.ts'
import type { BenchName, BenchOptions, BenchReport } from './benches.ts'
import { countWork } from './countWork.ts'

/** Runs benchmarks somewhere; close it at the end. */
export interface Bench {
  run<N extends BenchName>(name: N, options: BenchOptions<N>): Promise<BenchReport<N>>
  close(): Promise<void>
}

/** Headless Chromium on whatever GPU it finds, SwiftShader otherwise. */
export async function inChromium(): Promise<Bench> {
  const site = await servePage(join(import.meta.dirname, 'page.html'), () => false)
  // Heap figures mean something after a collection only.
  const browser = await launchChromium({ args: ['--js-flags=--expose-gc', '--enable-precise-memory-info'] })
  const page = await browser.newPage()
  page.on('console', (message) => {
    if (message.type() === 'error') console.error(`page: ${message.text()}`)
  })
  page.on('pageerror', (error) => console.error(`page: ${error.message}`))
  page.setDefaultTimeout(0)
  await page.goto(site.url)
  await page.waitForFunction(() => 'bench' in globalThis)
  return {
    run: (name, options) => page.evaluate(({ name, options }) => globalThis.bench(name, options as never), { name, options }) as never,
    async close() {
      await browser.close()
      await site.close()
    },
  }
}

/** Dawn in Node. */
export async function inNode(driver: VulkanDriver): Promise<Bench> {
  const dawn = await openDawn(driver)
  setFlagsFromString('--expose-gc')
  Object.assign(globalThis, { gc: runInNewContext('gc') as () => void })
  // Stock tfjs looks for a browser's globals.
  Object.defineProperty(globalThis, 'self', { value: globalThis, configurable: true })
  Object.defineProperty(globalThis.navigator, 'gpu', { value: dawn, configurable: true })
  await import('@tensorflow/tfjs-backend-webgpu')
  const work = countWork()
  return {
    run: async (name, options) => benches[name](await openGpu(dawn), work, options as never) as never,
    close: () => Promise.resolve(),
  }
}
