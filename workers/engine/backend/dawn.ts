/**
 * WebGPU in Node: Dawn from the npm package `webgpu`, on whatever Vulkan driver
 * there is. A machine without a GPU still has one wherever a Chromium is
 * installed: SwiftShader lies beside it, with its own Vulkan loader. Mesa's
 * lavapipe, where installed, is the second software driver; unlike SwiftShader
 * it has f16 arithmetic.
 *
 * Node only. A program that opened Dawn must end with `process.exit`.
 */
import { existsSync, readdirSync } from 'node:fs'
import { constants } from 'node:os'
import { dirname, join } from 'node:path'

export const vulkanDrivers = ['system', 'swiftshader', 'lavapipe'] as const

/** `system`: whatever the Vulkan loader finds by itself, so the real GPU where there is one. */
export type VulkanDriver = (typeof vulkanDrivers)[number]

/** The driver that was asked for is not on this machine. */
export class VulkanDriverMissingError extends Error {
  override readonly name = 'VulkanDriverMissingError'
  readonly advice: string
  constructor(driver: VulkanDriver) {
    super(`No Vulkan driver '${driver}' on this machine.`)
    this.advice = {
      system: 'Install the GPU vendor\'s driver and the Vulkan loader (Debian: libvulkan1).',
      swiftshader: 'Install Chromium (SwiftShader lies beside it), or set VK_DRIVER_FILES.',
      lavapipe: 'Install Mesa 25 or newer (Debian: mesa-vulkan-drivers from bookworm-backports), or set VK_DRIVER_FILES.',
    }[driver]
  }
}

/** glibc's flag for a library that stays when its handle is closed. */
const RTLD_NODELETE = 0x1000

const chromiumFolders = ['/usr/lib/chromium', '/usr/lib/chromium-browser', '/opt/google/chrome']
const manifestFolders = ['/usr/share/vulkan/icd.d', '/etc/vulkan/icd.d', '/usr/local/share/vulkan/icd.d']

/**
 * The manifest of a software driver, or null where it is not installed.
 *
 * @param extraFolders - further folders that hold a Chromium.
 */
export function findVulkanDriver(driver: 'swiftshader' | 'lavapipe', extraFolders: string[] = []): string | null {
  if (driver === 'swiftshader') {
    const folders = [...extraFolders, ...chromiumFolders, ...playwrightFolders()]
    return folders.map((folder) => join(folder, 'vk_swiftshader_icd.json')).find(existsSync) ?? null
  }
  for (const folder of manifestFolders.filter(existsSync)) {
    const file = readdirSync(folder).find((name) => name.startsWith('lvp_icd'))
    if (file) return join(folder, file)
  }
  return null
}

/** Where Playwright keeps the browsers that it downloaded. */
function playwrightFolders(): string[] {
  const home = process.env.PLAYWRIGHT_BROWSERS_PATH ?? join(process.env.HOME ?? '', '.cache', 'ms-playwright')
  if (!existsSync(home)) return []
  return readdirSync(home).filter((name) => name.startsWith('chromium')).flatMap((name) =>
    readdirSync(join(home, name)).map((inner) => join(home, name, inner)))
}

let opened: { driver: VulkanDriver; gpu: GPU } | undefined

/**
 * Opens Dawn and puts WebGPU's global constants in place.
 *
 * One process has one driver: the Vulkan loader reads its settings once.
 *
 * @throws {VulkanDriverMissingError} where the driver is not installed.
 */
export async function openDawn(driver: VulkanDriver = 'system'): Promise<GPU> {
  if (opened?.driver === driver) return opened.gpu
  if (opened) throw new Error(`This process already runs WebGPU on '${opened.driver}'; start another for '${driver}'.`)
  if (driver !== 'system') {
    const manifest = findVulkanDriver(driver)
    if (!manifest) throw new VulkanDriverMissingError(driver)
    process.env.VK_DRIVER_FILES = manifest
    // With several threads Mesa 25's lavapipe stalls now and then for a minute or for good.
    if (driver === 'lavapipe') process.env.LP_NUM_THREADS ??= '1'
  }
  preloadVulkan()
  const { create, globals } = await import('webgpu')
  Object.assign(globalThis, globals)
  const gpu = create([])
  opened = { driver, gpu }
  return gpu
}

/**
 * Dawn looks for `libvulkan.so.1` by its bare name, which fails on machines
 * whose only loader is the one beside Chromium. A library that is loaded
 * already is found by that name, so load it first; it is no Node addon, hence
 * the error, and stays loaded all the same.
 */
function preloadVulkan(): void {
  if (process.platform !== 'linux') return
  const beside = findVulkanDriver('swiftshader')
  const loader = beside && join(dirname(beside), 'libvulkan.so.1')
  if (!loader || !existsSync(loader) || systemLoader()) return
  try {
    process.dlopen({ exports: {} }, loader, constants.dlopen.RTLD_NOW | RTLD_NODELETE)
  } catch {
    // "Module did not self-register": expected, see above.
  }
}

function systemLoader(): boolean {
  return ['/usr/lib', '/usr/lib64', `/usr/lib/${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu`]
    .some((folder) => existsSync(join(folder, 'libvulkan.so.1')))
}
