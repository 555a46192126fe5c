/** The world in which plans are played: tokens, contracts, and the words and times that are the same everywhere. */
import { encodeDeployData, encodeFunctionData, getAddress, keccak256, parseEther, toHex, type Address, type Hex } from 'viem'
import { keyCommitment } from '../../src/arena/sealedShard.ts'
import { arenaAbi, testTokenAbi } from '../../src/chain/abi.ts'
import { connect } from '../../src/chain/client.ts'
import { deployArena } from '../../src/chain/deploy.ts'
import type { Deployment } from '../../src/chain/deployments.ts'
import { testTokenBytecode } from '../../src/chain/generated/TestToken.ts'
import { burnerWallet } from '../../src/chain/wallet.ts'
import { BulkChain, type Actor } from './bulkChain.ts'
import type { TaskPlan } from './plan.ts'

/** Seconds. */
export const DAY = 86_400
export const PHASE = { submit: DAY, open: DAY, validate: DAY, reveal: DAY, settle: DAY, dispute: DAY }
export const EVER = 2n ** 256n - 1n
/** Keys, digests and salts are the same everywhere: what is kept secret does not change what is computed. */
export const WORD = keccak256(toHex('a word'))
/** What a token's faucet gives, and every actor starts with. */
export const START_BALANCE = parseEther('1000000000')

/** Puts two tokens and the arena on the chain; every actor gets tokens and lets the arena take them. */
export async function deployWorld(
  chain: BulkChain, actors: readonly Actor[],
): Promise<{ deployment: Deployment; tokens: { stake: Address; bounty: Address } }> {
  const deployer = BulkChain.actor('deployer')
  const token = (name: string) => encodeDeployData({ abi: testTokenAbi, bytecode: testTokenBytecode, args: [name, name, START_BALANCE] })
  chain.push(deployer, 'deploy', null, token('STAKE'))
  chain.push(deployer, 'deploy', null, token('BOUNTY'))
  const [stake, bounty] = (await chain.flush()).map(({ contractAddress }) => getAddress(contractAddress!))
  const deployment = await chain.mineByItself(async () => {
    const { rpc, chain: network } = await connect(chain.url)
    const wallet = burnerWallet({ key: BulkChain.keyOf('arena deployer'), chain: network, rpcUrl: chain.url })
    await chain.call('anvil_setBalance', [wallet.account.address, toHex(10n ** 24n)])
    return deployArena(rpc, wallet, { token: stake! })
  })
  for (const actor of actors) {
    for (const token of [stake!, bounty!]) {
      chain.push(deployer, 'draw', token, encodeFunctionData({ abi: testTokenAbi, functionName: 'draw', args: [actor.address, START_BALANCE] }))
      chain.push(actor, 'approve', token, encodeFunctionData({ abi: testTokenAbi, functionName: 'approve', args: [deployment.arena, EVER] }))
    }
  }
  await chain.flush()
  return { deployment, tokens: { stake: stake!, bounty: bounty! } }
}

/** A task's creation; its rounds begin at `start`, Unix seconds. */
export function createTaskData(plan: TaskPlan, start: number, bountyToken: Address): Hex {
  const rounds = plan.rounds.length
  return encodeFunctionData({
    abi: arenaAbi, functionName: 'createTask',
    args: [{
      specDigest: WORD, bountyToken, bounty: plan.bounty, bond: plan.bond, trainerMinStake: parseEther('1'), validatorMinStake: parseEther('1'),
      allowlistRoot: `0x${'00'.repeat(32)}`, clock: { start, ...PHASE, rounds }, rules: plan.rules,
      keyHashes: Array<Hex>(rounds).fill(keyCommitment(WORD)), plaintextDigests: Array<Hex>(rounds).fill(WORD),
    }],
  })
}
