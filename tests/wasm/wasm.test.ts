import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { launchChromium } from '../../tools/chromium.ts'
import { compileKernels } from '../../tools/compileKernels.ts'
import { WasmExecutor } from '../../workers/engine/plan/execute/wasm.ts'
import { servePage } from '../helpers/servePage.ts'
import type { Trained } from './threeSteps.ts'
import { threeSteps } from './threeSteps.ts'

describe('training on WebAssembly', { timeout: 240_000 }, () => {
  it('runs kernels that are compiled from their sources', async () => {
    for (const [name, bytes] of await compileKernels()) {
      const kept = await readFile(join(import.meta.dirname, '../../workers/engine/backend/wasm', name))
      expect(kept.equals(bytes), `${name}: run npm run kernels`).toBe(true)
    }
  })

  it('gives the same to the bit on any number of threads', async () => {
    const [one, three, again] = await Promise.all([1, 3, 3].map(async (threads) => threeSteps(await WasmExecutor.open({ threads }))))
    expect([one.threads, three.threads]).toEqual([1, 3])
    expect(three.losses).toEqual(one.losses)
    expect(again.losses).toEqual(one.losses)
    expect(one.losses[2]).toBeLessThan(one.losses[0])
  })

  it('runs without relaxed SIMD', async () => {
    const plain = await WasmExecutor.open({ threads: 2, fused: false })
    expect(plain.device).toBe('WebAssembly with SIMD, 2 threads')
    const [rounded, fused] = [await threeSteps(plain), await threeSteps(await WasmExecutor.open({ threads: 2 }))]
    rounded.losses.forEach((loss, i) => expect(loss).toBeCloseTo(fused.losses[i], 4))
  })

  it('runs in a browser\'s worker: on threads in an isolated page, on one elsewhere', async () => {
    const here = await threeSteps(await WasmExecutor.open({ threads: 2 }))
    const browser = await launchChromium()
    try {
      for (const isolated of [true, false]) {
        const trained = await inBrowser(browser, isolated)
        expect(trained.threads).toBe(isolated ? 2 : 1)
        expect(trained.losses).toEqual(here.losses)
      }
    } finally {
      await browser.close()
    }
  })
})

async function inBrowser(browser: Awaited<ReturnType<typeof launchChromium>>, isolated: boolean): Promise<Trained> {
  const site = await servePage(join(import.meta.dirname, 'page.html'), (_url, _request, response) => {
    if (isolated) {
      response.setHeader('cross-origin-opener-policy', 'same-origin')
      response.setHeader('cross-origin-embedder-policy', 'require-corp')
    }
    return false
  })
  try {
    const page = await browser.newPage()
    await page.goto(site.url)
    await page.waitForFunction(() => 'trainInWorker' in globalThis)
    const trained = await page.evaluate(() => globalThis.trainInWorker())
    await page.close()
    return trained
  } finally {
    await site.close()
  }
}
