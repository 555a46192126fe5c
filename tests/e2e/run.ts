/**
 * `npm run e2e`: the whole path in real Chromium, on software WebGPU, between
 * separate browser profiles: train, submit, validate, settle, claim. Prints the
 * league table, payouts and the time of each step; pictures go to out/e2e.
 */
import { writeFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { launchChromium } from '../../tools/chromium.ts'

const { values } = parseArgs({
  options: { json: { type: 'string' }, folder: { type: 'string', default: resolve(import.meta.dirname, '../../out/e2e') }, build: { type: 'boolean', default: true } },
  allowNegative: true,
})

if (values.build) await import('../../tools/build.ts')
const { openWorld } = await import('./world.ts')
const { wholePath } = await import('./wholePath.ts')
const { otherPages } = await import('./otherPages.ts')
const { failures } = await import('./failures.ts')

const browser = await launchChromium()
const started = performance.now()
const world = await openWorld(browser, values.folder)
const scenarios = [['the whole path', wholePath], ['beside a round', otherPages], ['what can go wrong', failures]] as const
let passed = 0
let failed = 0
try {
  for (const [name, scenario] of scenarios) {
    console.log(`\n${name}`)
    try {
      await scenario(world)
      passed++
    } catch (error) {
      failed++
      console.error(error)
      for (const [index, page] of browser.contexts().flatMap((context) => context.pages()).entries()) {
        await page.screenshot({ path: join(values.folder, `failed-${index + 1}.png`), fullPage: true }).catch(() => undefined)
      }
      break
    }
  }
} finally {
  await browser.close()
  await world.close()
}
console.log(`\nPictures of every step: ${relative(process.cwd(), values.folder)}`)
console.log(`${((performance.now() - started) / 1000).toFixed(0)} s in all`)
if (values.json) writeFileSync(values.json, JSON.stringify({ steps: world.walk.times, outcome: world.outcome }, null, 1))
console.log(`${passed} passed, ${failed} failed`)
process.exit(failed ? 1 : 0)
