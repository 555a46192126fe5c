/** `npm run deploy` as a person runs it: against fresh chains, twice, with and without what it needs. */
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { deploymentFor, type Deployment } from '../src/chain/deployments.ts'
import { startAnvil, type Anvil } from '../tests/helpers/anvil.ts'

/** Anvil's first account: everybody knows this key. */
const KEY = '0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80'

let folder: string
let local: Anvil, rollup: Anvil
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lanista-deploy-'))
  // The second counts gas as Base does.
  ;[local, rollup] = await Promise.all([startAnvil(), startAnvil(['--optimism', '--chain-id', '8453'])])
})
afterAll(async () => {
  rmSync(folder, { recursive: true })
  await Promise.all([local, rollup].map(anvil => anvil.stop()))
})

function deploy(args: string[], env: Record<string, string> = { LANISTA_KEY: KEY }) {
  const { LANISTA_KEY: _, ...rest } = process.env
  const child = spawn(process.execPath, [join(import.meta.dirname, 'deploy.ts'), ...args], {
    env: { ...rest, ...env }, stdio: ['ignore', 'pipe', 'pipe'],
  })
  let [out, err] = ['', '']
  child.stdout.on('data', chunk => { out += String(chunk) })
  child.stderr.on('data', chunk => { err += String(chunk) })
  return new Promise<{ code: number | null; out: string; err: string }>(resolve => {
    child.once('close', code => { resolve({ code, out, err }) })
  })
}

it('deploys everything, notes it by chain id, and does nothing the second time', async () => {
  const file = join(folder, 'deployments.json')
  const noted = () => JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>
  const first = await deploy(['--rpc', local.url, '--out', file])
  expect(first.err).toContain('Deploy the maker of delegation vaults: mined')
  expect(first.code).toBe(0)
  const deployment = JSON.parse(first.out.slice(first.out.indexOf('{'))) as Deployment
  expect(noted()).toEqual({ 31337: deployment })
  expect(deploymentFor(31337, deployment)).toEqual(deployment)
  const addresses = [deployment.arena, deployment.token, deployment.registry, deployment.vaults]
  expect(new Set(addresses).size).toBe(4)

  // No key is needed to learn that nothing has to be done.
  const second = await deploy(['--rpc', local.url, '--out', file], {})
  expect(second.err).toMatch(/already; nothing was sent/)
  expect(JSON.parse(second.out)).toEqual(deployment)
  const otherToken = await deploy(['--rpc', local.url, '--out', file, '--token', deployment.registry])
  expect(otherToken).toMatchObject({ code: 1, out: '' })
  expect(otherToken.err).toContain('another stake token')

  const again = await deploy(['--rpc', local.url, '--out', file, '--again', '--token', deployment.token])
  expect(again.code).toBe(0)
  expect(noted()).toMatchObject({ 31337: { token: deployment.token, faucet: false } })
  expect((JSON.parse(again.out) as Deployment).arena).not.toBe(deployment.arena)

  const onRollup = await deploy(['--rpc', rollup.url, '--out', file])
  expect(onRollup.err).not.toMatch(/fail/i)
  expect(Object.keys(noted())).toEqual(['8453', '31337'])
}, 60_000)

it('says what is missing', async () => {
  const file = join(folder, 'none.json')
  expect((await deploy([])).code).toBe(2)
  expect(await deploy(['--rpc', local.url, '--out', file], {})).toMatchObject({ code: 2, err: expect.stringMatching(/LANISTA_KEY/) as string })
  expect(await deploy(['--rpc', 'http://127.0.0.1:9', '--out', file])).toMatchObject({ code: 1, err: expect.stringMatching(/does not answer/) as string })
  const poor = await deploy(['--rpc', local.url, '--out', file], { LANISTA_KEY: `0x${'17'.repeat(32)}` })
  expect(poor).toMatchObject({ code: 1, err: expect.stringMatching(/too little/) as string })
}, 60_000)
