/** Delegators: their vaults are made and filled before the first round, and emptied by `redeemAll` after the last. */
import { decodeFunctionResult, encodeFunctionData } from 'viem'
import { arenaAbi, delegationVaultAbi, testTokenAbi, vaultFactoryAbi } from '../../src/chain/abi.ts'
import type { Deployment } from '../../src/chain/deployments.ts'
import type { ActorIndex } from './plan.ts'
import type { Played, PlayedTask, PlayedVault, Stage } from './played.ts'
import { EVER } from './world.ts'

/** Makes a vault for every operator that somebody delegates to, fills it, and puts it behind its operator in each task. */
export async function delegate(
  { chain, actors, addresses, call }: Stage, deployment: Deployment, tasks: readonly PlayedTask[],
): Promise<Map<ActorIndex, PlayedVault>> {
  const delegations = tasks.flatMap(({ plan }) => plan.delegations ?? [])
  const operators = [...new Set(delegations.map(({ operator }) => operator))]
  const vaults = new Map<ActorIndex, PlayedVault>()
  if (operators.length === 0) return vaults
  for (const operator of operators) {
    chain.push(actors[operator]!, 'makeVault', deployment.vaults, encodeFunctionData({ abi: vaultFactoryAbi, functionName: 'make', args: ['Vault', 'V'] }))
  }
  await chain.flush()
  const made = await chain.read(operators.map(operator => ({
    to: deployment.vaults, data: encodeFunctionData({ abi: vaultFactoryAbi, functionName: 'vaultOf', args: [addresses[operator]!] }),
  })))
  operators.forEach((operator, index) => {
    const address = decodeFunctionResult({ abi: vaultFactoryAbi, functionName: 'vaultOf', data: made[index]! })
    vaults.set(operator, { address, deposits: [] })
    call(operator, 'setVault', encodeFunctionData({ abi: arenaAbi, functionName: 'setVault', args: [address] }))
  })
  for (const { operator, delegator, amount } of delegations) {
    const { address, deposits } = vaults.get(operator)!
    const actor = actors[delegator]!
    const known = deposits.find(deposit => deposit.delegator === delegator)
    if (known) known.amount += amount
    else {
      deposits.push({ delegator, amount })
      chain.push(actor, 'approve', deployment.token, encodeFunctionData({ abi: testTokenAbi, functionName: 'approve', args: [address, EVER] }))
    }
    chain.push(actor, 'deposit', address, encodeFunctionData({ abi: delegationVaultAbi, functionName: 'deposit', args: [amount, actor.address] }))
  }
  for (const { plan, taskId, ledger } of tasks) {
    for (const [operator, all] of Map.groupBy(plan.delegations ?? [], ({ operator }) => operator)) {
      const amount = all.reduce((sum, delegation) => sum + delegation.amount, 0n)
      call(operator, 'setSharing', encodeFunctionData({ abi: arenaAbi, functionName: 'setSharing', args: [taskId, plan.sigma!] }))
      chain.push(actors[operator]!, 'back', vaults.get(operator)!.address, encodeFunctionData({ abi: delegationVaultAbi, functionName: 'back', args: [taskId, amount] }))
      ledger.delegate(addresses[operator]!, amount)
    }
  }
  await chain.flush()
  return vaults
}

/** Wei that each delegator must have got in the end, and what rounding left in the vaults. */
export interface Redeemed {
  stake: Map<ActorIndex, bigint>
  bounty: Map<ActorIndex, bigint>
}

/**
 * Harvests every round, claims every distribution, takes all stake out of the tasks and redeems all shares.
 * @returns what `src/arena` and plain arithmetic say that each delegator gets of either token.
 */
export async function redeemAll({ chain, actors, tasks, vaults }: Played): Promise<Redeemed> {
  const gets: Redeemed = { stake: new Map(), bounty: new Map() }
  const add = (token: 'stake' | 'bounty', delegator: ActorIndex, amount: bigint) =>
    gets[token].set(delegator, (gets[token].get(delegator) ?? 0n) + amount)
  for (const [operator, { address, deposits }] of vaults) {
    const from = actors[operator]!
    const shares = deposits.reduce((sum, { amount }) => sum + amount, 0n)
    let distributions = 0
    let assets = shares
    for (const { taskId, ledger, plan } of tasks) {
      const own = ledger.earned.filter(earning => earning.operator === from.address)
      for (const round of new Set(own.map(earning => earning.round))) {
        chain.push(from, 'harvest', address, encodeFunctionData({ abi: delegationVaultAbi, functionName: 'harvest', args: [taskId, BigInt(round)] }))
        for (const token of ['bounty', 'stake'] as const) {
          const amount = own.filter(earning => earning.round === round && earning.token === token).reduce((sum, earning) => sum + earning.amount, 0n)
          if (amount === 0n) continue
          distributions++
          for (const deposit of deposits) add(token, deposit.delegator, (amount * deposit.amount) / shares)
        }
      }
      const backing = ledger.backing.get(from.address)
      const put = (plan.delegations ?? []).filter(delegation => delegation.operator === operator).reduce((sum, { amount }) => sum + amount, 0n)
      assets -= put - backing
      if (backing > 0n) {
        chain.push(from, 'release', address, encodeFunctionData({ abi: delegationVaultAbi, functionName: 'release', args: [taskId, backing] }))
      }
    }
    let left = shares
    const numbers = Array.from({ length: distributions }, (_, number) => BigInt(number))
    for (const { delegator, amount } of deposits) {
      const actor = actors[delegator]!
      if (distributions > 0) chain.push(actor, 'claimEarnings', address, encodeFunctionData({ abi: delegationVaultAbi, functionName: 'claim', args: [numbers] }))
      // ERC-4626 with one virtual share and wei, rounded down; after a slash the last share may stay for the same rounding.
      const most = (assets * (left + 1n)) / (assets + 1n)
      const redeemed = amount < most ? amount : most
      chain.push(actor, 'redeem', address, encodeFunctionData({ abi: delegationVaultAbi, functionName: 'redeem', args: [redeemed, actor.address, actor.address] }))
      const out = (redeemed * (assets + 1n)) / (left + 1n)
      add('stake', delegator, out)
      assets -= out
      left -= redeemed
    }
  }
  await chain.flush()
  return gets
}
