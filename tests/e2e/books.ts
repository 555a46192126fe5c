import { erc20Abi, type Address } from 'viem'
import type { LocalArena } from '../../devnet/arena.ts'
import { senderOf } from '../../src/chain/arena.ts'
import { readTask } from '../../src/chain/reads/readTask.ts'

export interface Books {
  /** Wei in the account and at stake, by lower-case address. */
  accounts: Map<string, { held: bigint; stake: bigint }>
  supply: bigint
  inAccounts: bigint
  inArena: bigint
}

/** Who has what, read from the token and the arena: every token in existence is somewhere. */
export async function checkBooks(arena: LocalArena, people: Address[]): Promise<Books> {
  const creator = arena.account(0)
  const { rpc, deployment } = creator
  const { task } = await readTask(creator, 0n)
  const call = { address: deployment.token, abi: erc20Abi } as const
  const balance = (account: Address) => rpc.readContract({ ...call, functionName: 'balanceOf', args: [account] })
  const accounts = new Map<string, { held: bigint; stake: bigint }>()
  for (const account of people) {
    const stake = [...task.stakes].find(([staker]) => staker.toLowerCase() === account.toLowerCase())?.[1].amount ?? 0n
    accounts.set(account.toLowerCase(), { held: await balance(account), stake })
  }
  const inPeople = [...accounts.values()].reduce((sum, { held }) => sum + held, 0n)
  return {
    accounts,
    supply: await rpc.readContract({ ...call, functionName: 'totalSupply' }),
    inAccounts: inPeople + (await balance(senderOf(creator))),
    inArena: await balance(deployment.arena),
  }
}
