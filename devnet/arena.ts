/** The embedded local arena: chain, contracts, relay and pinner, creator, demo task. */
import { bytesToHex, parseEther, type Hex } from 'viem'
import { mnemonicToAccount } from 'viem/accounts'
import type { ArenaWriter } from '../src/chain/arena.ts'
import { connect } from '../src/chain/client.ts'
import { deployArena } from '../src/chain/deploy.ts'
import type { Deployment } from '../src/chain/deployments.ts'
import { burnerWallet } from '../src/chain/wallet.ts'
import { drawTokens } from '../src/chain/writes/drawTokens.ts'
import { registerRelay } from '../src/chain/writes/registerRelay.ts'

import { startChain } from './chain.ts'
import { keepRevealing, publishDemoTask, type RunningTask } from './creator.ts'
import type { PhaseLengths } from '../src/workflows/createTask.ts'
import { startRelay, type Relay } from './relay/startRelay.ts'

/** Anvil's own test accounts, which hold its coin. Everybody knows these keys: local chains only. */
const ANVIL_MNEMONIC = 'test test test test test test test test test test test junk'

/** About a minute each; the first is longer, since there is a model to train in it. */
export const demoPhases: PhaseLengths = { submit: 180, open: 45, validate: 90, reveal: 45, settle: 30, dispute: 30 }

export interface LocalArena {
  rpcUrl: string
  deployment: Deployment
  relay: Relay
  tasks: RunningTask[]
  /** One of anvil's accounts, as it is. */
  account(index: number): ArenaWriter
  /** One of anvil's accounts, with 10,000 further tokens. */
  writer(index: number): Promise<ArenaWriter>
  /** Publishes a further edition of the demo task. */
  publish(): Promise<RunningTask>
  stop(): Promise<void>
}

export interface ArenaOptions {
  rpcPort?: number
  relayPort?: number
  phases?: PhaseLengths
  /** Largest announced content that the relay pins, bytes; 0 for none, so that only tabs hold what tabs publish. */
  relayPinBytes?: number
  /** Rounds (from 0) whose key the creator withholds; none unless told. */
  withheldKeys?: number[]
  log?: (line: string) => void
}

export async function startArena(options: ArenaOptions = {}): Promise<LocalArena> {
  const running: (() => Promise<void> | void)[] = []
  const stop = async () => {
    for (const end of running.splice(0).reverse()) await end()
  }
  try {
    return await assemble(options, running, stop)
  } catch (error) {
    await stop()
    throw error
  }
}

async function assemble(options: ArenaOptions, running: (() => Promise<void> | void)[], stop: () => Promise<void>): Promise<LocalArena> {
  const log = options.log ?? (() => undefined)
  const chainProcess = await startChain({ port: options.rpcPort })
  running.push(() => chainProcess.stop())
  const { rpc, chain } = await connect(chainProcess.rpcUrl)
  const walletOf = (index: number) => {
    const key = bytesToHex(mnemonicToAccount(ANVIL_MNEMONIC, { addressIndex: index }).getHdKey().privateKey!)
    return burnerWallet({ key: key as Hex, chain, rpcUrl: chainProcess.rpcUrl })
  }
  const deployment = await deployArena(rpc, walletOf(0))
  log(`Contracts are on chain ${chain.id}: arena ${deployment.arena}.`)
  const relay = await startRelay({ port: options.relayPort, maxBytes: options.relayPinBytes })
  running.push(() => relay.stop())
  const account = (index: number): ArenaWriter => ({ rpc, deployment, wallet: walletOf(index) })
  const writer = async (index: number): Promise<ArenaWriter> => {
    const writer = account(index)
    await drawTokens(writer, parseEther('10000'))
    return writer
  }
  const creator = await writer(0)
  await registerRelay(creator, relay.addresses)
  const tasks: RunningTask[] = []
  const publish = async () => {
    await drawTokens(creator, parseEther('10000'))
    await drawTokens(creator, parseEther('1000'))
    const task = await publishDemoTask(creator, relay.node, tasks.length + 1, options.phases ?? demoPhases)
    tasks.push(task)
    log(`Task ${task.taskId} is open: ${task.demo.spec.title}.`)
    return task
  }
  await publish()
  running.push(keepRevealing(creator, tasks, log, options.withheldKeys))
  return { rpcUrl: chainProcess.rpcUrl, deployment, relay, tasks, account, writer, publish, stop }
}
