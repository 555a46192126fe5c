/** Where the contracts are, by chain id: the one file is `deployments.json`, written by `npm run deploy`. */
import { getAddress, isAddress } from 'viem'
import { z } from 'zod'
import deployments from './deployments.json' with { type: 'json' }
import { ChainError, NotDeployedError } from './errors.ts'

const address = z.string().refine(text => isAddress(text, { strict: false }), 'must be an address').transform(text => getAddress(text))

/** The contracts of one arena. */
export const deploymentSchema = z.object({
  chainId: z.int().min(1),
  /** Block of deployment: nothing of the arena is older. */
  block: z.int().min(0),
  arena: address,
  /** The token of stakes and bonds. */
  token: address,
  /** Relays and pinners. */
  registry: address,
  /** Makes delegation vaults. */
  vaults: address,
  /** Whether `token` is the test token, which anyone may draw from. */
  faucet: z.boolean().default(false),
})

export type Deployment = z.infer<typeof deploymentSchema>

/**
 * The arena of a chain.
 * @param custom a deployment the list does not know (a local arena's), which wins when it is for this chain.
 * @throws NotDeployedError; ChainError when `custom` is not a deployment.
 */
export function deploymentFor(chainId: number, custom?: unknown): Deployment {
  for (const entry of [custom, (deployments as Record<string, unknown>)[chainId]]) {
    if (entry === undefined || entry === null) continue
    const parsed = deploymentSchema.safeParse(entry)
    if (!parsed.success) {
      throw new ChainError(`The arena's addresses cannot be read: ${z.prettifyError(parsed.error)}.`,
        'Load the file that "npm run deploy" wrote, unchanged.')
    }
    if (parsed.data.chainId === chainId) return parsed.data
  }
  throw new NotDeployedError(chainId)
}
