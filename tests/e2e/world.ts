import type { Browser, Page } from 'playwright'
import type { Address } from 'viem'
import { startArena, type LocalArena } from '../../devnet/arena.ts'
import { servePage } from '../../devnet/serve.ts'
import { Walk } from './walk.ts'

/** A local arena whose clock only moves by hand, its page, and a walk through it. */
export interface World {
  arena: LocalArena
  walk: Walk
  url: string
  /** Figures for `--json`. */
  outcome: Record<string, unknown>
  close(): Promise<void>
}

/**
 * Seconds; long enough that no phase ends by itself on a slow machine. A jury takes validate, reveal and settle
 * again, and round 2 still waits for submissions when it is done.
 */
const phases = { submit: 7200, open: 3600, validate: 1800, reveal: 1200, settle: 1200, dispute: 3600 }

export async function openWorld(browser: Browser, folder: string): Promise<World> {
  // The relay pins nothing that tabs announce: what a tab published comes from tabs alone.
  const arena = await startArena({ phases, relayPinBytes: 0, withheldKeys: [1] })
  const page = await servePage({ rpcUrl: arena.rpcUrl, deployment: arena.deployment })
  return {
    arena,
    walk: new Walk(browser, page.url, folder),
    url: page.url,
    outcome: {},
    async close() {
      await page.stop()
      await arena.stop()
    },
  }
}

/** Follows a link of the app without reloading it. */
export async function go(page: Page, route: string): Promise<void> {
  await page.evaluate((hash) => (location.hash = hash), route)
}

/** The address that a tab signs with. */
export async function addressOf(page: Page): Promise<Address> {
  await go(page, '#/account')
  return (await page.locator('.address').first().innerText()) as Address
}

/** Gets test tokens and stakes the minimum in the task that is open. */
export async function takeStake(page: Page, role: 'trainer' | 'validator'): Promise<void> {
  await page.getByRole('button', { name: 'Get 1,000 test tokens' }).click()
  const stake = page.getByRole('button', { name: `Stake as ${role}` })
  await stake.click()
  await page.locator('li.done', { hasText: 'Stake' }).waitFor()
}

/** Presses the local arena's button until the round is in a phase. */
export async function skipTo(page: Page, phase: string): Promise<void> {
  await page.getByRole('button', { name: 'Skip ahead' }).click()
  await page.locator(`header[data-phase="${phase}"]`).waitFor()
}

/** The node answers a tab's transactions with an error, until the returned function is called. */
export async function refuseTransactions(page: Page, rpcUrl: string): Promise<() => Promise<void>> {
  const isNode = (url: URL) => url.origin === new URL(rpcUrl).origin
  await page.route(isNode, async (route) => {
    const request = route.request().postDataJSON() as { id: number; method: string } | null
    if (request?.method !== 'eth_sendRawTransaction') return route.fallback()
    await route.fulfill({
      headers: { 'access-control-allow-origin': '*' },
      json: { jsonrpc: '2.0', id: request.id, error: { code: -32000, message: 'transactions are not taken today' } },
    })
  })
  return () => page.unroute(isNode)
}
