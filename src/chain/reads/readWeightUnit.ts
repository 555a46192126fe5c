import { arenaAbi } from '../abi.ts'
import type { ArenaReader } from '../arena.ts'
import { toChainError } from '../errors.ts'

const known = new Map<string, Promise<bigint>>()

/** Wei of the stake token in one unit of weight; it never changes, so it is asked for once. */
export function readWeightUnit({ rpc, deployment }: ArenaReader): Promise<bigint> {
  const key = `${deployment.chainId}:${deployment.arena}`
  const unit = known.get(key)
    ?? rpc.readContract({ address: deployment.arena, abi: arenaAbi, functionName: 'weightUnit' }).catch((error: unknown) => {
      known.delete(key)
      throw toChainError(error)
    })
  known.set(key, unit)
  return unit
}
