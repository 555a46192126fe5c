/** Holds every balance on the chain against the ledger, to the wei, before and after everybody has taken theirs. */
import { decodeFunctionResult, encodeFunctionData, erc20Abi, hexToBigInt, type Address, type Hex } from 'viem'
import { arenaAbi } from '../../src/chain/abi.ts'
import { BURN } from './ledger.ts'
import { redeemAll } from './delegate.ts'
import type { Played } from './played.ts'
import { START_BALANCE } from './world.ts'

/** What was compared. */
export interface Verification {
  balances: number
  /** Wei of each token that rounding left in the contracts. */
  dust: { stake: bigint; bounty: bigint }
}

/**
 * Compares owed balances, stakes and tasks; claims, refunds and withdraws all; compares token balances.
 * @throws Error naming the first balance that differs.
 */
export async function verify(played: Played): Promise<Verification> {
  const { chain, arena, tokens, actors, tasks, owed } = played
  const accounts = [...actors.map(({ address }) => address), BURN]
  let balances = 0
  const compare = async (checks: { what: string; to: Address; data: Hex; expected: bigint; decode?: (result: Hex) => bigint }[]) => {
    const results = await chain.read(checks)
    results.forEach((result, index) => {
      const { what, expected, decode = hexToBigInt } = checks[index]!
      const actual = decode(result)
      if (actual !== expected) throw new Error(`${what} is ${actual} on the chain, ${expected} by src/arena.`)
      balances++
    })
  }

  for (const { plan, taskId } of tasks) {
    const refundable = tasks[Number(taskId)]!.ledger.refundable
    if (refundable > 0n) {
      chain.push(actors[plan.creator]!, 'refund', arena, encodeFunctionData({ abi: arenaAbi, functionName: 'refund', args: [taskId, actors[plan.creator]!.address] }))
    }
  }
  await chain.flush()
  await compare((['stake', 'bounty'] as const).flatMap(token => accounts.map(account => ({
    what: `What ${account} is owed in the ${token} token`, to: arena, expected: owed[token].get(account),
    data: encodeFunctionData({ abi: arenaAbi, functionName: 'owed', args: [tokens[token], account] }),
  }))))
  await compare(tasks.flatMap(({ plan, taskId, ledger }) => plan.stakes.map(({ actor }) => ({
    what: `The stake of ${actors[actor]!.address} in task ${taskId}`, to: arena, expected: ledger.stakes.get(actors[actor]!.address),
    data: encodeFunctionData({ abi: arenaAbi, functionName: 'stakeOf', args: [taskId, actors[actor]!.address] }),
    decode: (result: Hex) => decodeFunctionResult({ abi: arenaAbi, functionName: 'stakeOf', data: result }).amount,
  }))))
  await compare(tasks.flatMap(({ taskId, ledger }) => [...ledger.backing.entries].map(([operator, expected]) => ({
    what: `What is delegated to ${operator} in task ${taskId}`, to: arena, expected,
    data: encodeFunctionData({ abi: arenaAbi, functionName: 'backingOf', args: [taskId, operator] }),
    decode: (result: Hex) => decodeFunctionResult({ abi: arenaAbi, functionName: 'backingOf', data: result }).amount,
  }))))

  const held = { stake: new Map<Address, bigint>(), bounty: new Map<Address, bigint>() }
  for (const actor of actors) {
    held.stake.set(actor.address, START_BALANCE)
    held.bounty.set(actor.address, START_BALANCE)
  }
  const move = (token: 'stake' | 'bounty', account: Address, amount: bigint) =>
    held[token].set(account, (held[token].get(account) ?? 0n) + amount)
  for (const { plan, taskId, ledger } of tasks) {
    move('stake', actors[plan.creator]!.address, -plan.bond)
    move('bounty', actors[plan.creator]!.address, -plan.bounty)
    for (const { actor, amount, lock } of plan.stakes) {
      const { address } = actors[actor]!
      const left = ledger.stakes.get(address)
      move('stake', address, -amount)
      if (lock > 0 || left === 0n) continue
      move('stake', address, left)
      chain.push(actors[actor]!, 'unstake', arena, encodeFunctionData({ abi: arenaAbi, functionName: 'unstake', args: [taskId, left] }))
    }
  }
  for (const token of ['stake', 'bounty'] as const) {
    for (const account of accounts) {
      const amount = owed[token].get(account)
      if (amount === 0n) continue
      move(token, account, amount)
      chain.push(actors[0]!, 'claim', arena, encodeFunctionData({ abi: arenaAbi, functionName: 'claim', args: [tokens[token], account] }))
    }
  }
  const delegators = await redeemAll(played)
  for (const { deposits } of played.vaults.values()) {
    for (const { delegator, amount } of deposits) move('stake', actors[delegator]!.address, -amount)
  }
  for (const token of ['stake', 'bounty'] as const) {
    for (const [delegator, amount] of delegators[token]) move(token, actors[delegator]!.address, amount)
  }
  await chain.flush()
  const balanceOf = (token: 'stake' | 'bounty', account: Address) => ({
    to: tokens[token], data: encodeFunctionData({ abi: erc20Abi, functionName: 'balanceOf', args: [account] }),
  })
  const dust = { stake: 0n, bounty: 0n }
  for (const token of ['stake', 'bounty'] as const) {
    await compare(accounts.map(account => ({
      what: `What ${account} holds of the ${token} token`, expected: held[token].get(account) ?? 0n, ...balanceOf(token, account),
    })))
    const rests = await chain.read([arena, ...[...played.vaults.values()].map(({ address }) => address)].map(holder => balanceOf(token, holder)))
    dust[token] = rests.reduce((sum, rest) => sum + hexToBigInt(rest), 0n)
  }
  // Locked stakes are still there by right; all else that is left is rounding.
  dust.stake -= tasks.reduce((sum, { plan, ledger }) => sum + plan.stakes.filter(({ lock }) => lock > 0)
    .reduce((locked, { actor }) => locked + ledger.stakes.get(actors[actor]!.address), 0n), 0n)
  const supply = START_BALANCE * BigInt(actors.length)
  for (const token of ['stake', 'bounty'] as const) {
    const all = [...held[token].values()].reduce((sum, amount) => sum + amount, 0n)
    const locked = token === 'bounty' ? 0n : supply - all - dust.stake
    if (all + dust[token] + locked !== supply || dust[token] < 0n) throw new Error(`The books of the ${token} token do not balance.`)
  }
  return { balances, dust }
}
