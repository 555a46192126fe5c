/**
 * A Chromium for tests on any machine: Playwright's own or a system one when
 * there, else Playwright's download, else Debian's package.
 */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { chromium, type Browser, type LaunchOptions } from 'playwright'

const names = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome', 'chrome']

function installed(): string | undefined {
  const fromPath = (process.env.PATH ?? '').split(delimiter).flatMap((folder) => names.map((name) => join(folder, name)))
  return [
    process.env.CHROMIUM_PATH,
    chromium.executablePath(),
    ...fromPath,
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  ].find((path) => path && existsSync(path))
}

function run(command: string, args: string[], minutes: number): boolean {
  console.error(`$ ${command} ${args.join(' ')}`)
  return spawnSync(command, args, { stdio: ['ignore', 2, 2], timeout: minutes * 60_000 }).status === 0
}

/**
 * Path of a Chromium, installed first when there is none.
 * @throws Error that names what was tried.
 */
export function ensureChromium(): string {
  const found = installed()
  if (found) return found
  console.error('No Chromium here yet: installing one.')
  run('playwright', ['install', 'chromium'], 5)
  if (!installed()) {
    run('apt-get', ['update'], 3)
    run('apt-get', ['install', '-y', '--no-install-recommends', 'chromium'], 8)
  }
  const path = installed()
  if (!path) {
    throw new Error(
      "No Chromium: Playwright's download and Debian's package both failed. Install Chromium or Chrome and set CHROMIUM_PATH to it.",
    )
  }
  return path
}

/** No calls home, and no slowing down of tabs that are not in front. */
export const chromiumFlags = [
  '--no-sandbox',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // Several tabs work at once in the tests, none of them in front.
  '--disable-background-timer-throttling',
  '--disable-backgrounding-occluded-windows',
  '--disable-renderer-backgrounding',
]

/** WebGPU on any machine: SwiftShader where there is no GPU. */
export const webGpuFlag = '--enable-unsafe-webgpu'

/** Starts headless Chromium, with software WebGPU unless told otherwise. */
export function launchChromium({ webGpu = true, ...options }: LaunchOptions & { webGpu?: boolean } = {}): Promise<Browser> {
  const args = [...chromiumFlags, ...(webGpu ? [webGpuFlag] : []), ...(options.args ?? [])]
  return chromium.launch({ executablePath: ensureChromium(), ...options, args })
}
