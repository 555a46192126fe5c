/**
 * `npm run deploy -- --rpc URL`: puts an arena on a chain and notes it in src/chain/deployments.json.
 * The key that pays comes from the environment or is asked for, never from the command line.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { getAddress, isAddress, isHex, type Hex } from 'viem'
import { buildContracts } from '../contracts/build.ts'
import { askSecret } from './askSecret.ts'

const HELP = `npm run deploy -- --rpc URL [options]

  --rpc URL        the chain's RPC address
  --token ADDRESS  ERC-20 of stakes and bonds, one without fees or rebasing;
                   without it a test token is deployed, which anyone may draw from
  --again          deploy anew where an arena is known already; the old one goes on as it is
  --out FILE       where to note the addresses (src/chain/deployments.json)

The private key of the account that pays is read from LANISTA_KEY, or asked for.
`

const { values } = parseArgs({
  options: {
    rpc: { type: 'string' }, token: { type: 'string' }, again: { type: 'boolean', default: false }, help: { type: 'boolean', default: false },
    out: { type: 'string', default: join(import.meta.dirname, '..', 'src', 'chain', 'deployments.json') },
  },
})
if (values.help || !values.rpc) {
  console.log(HELP)
  process.exit(values.help ? 0 : 2)
}
const rpcUrl = values.rpc
if (values.token && !isAddress(values.token, { strict: false })) fail(`--token must be an address, got "${values.token}".`, 2)

// The chain functions need the generated interfaces, so those come first.
buildContracts()
const { connect } = await import('../src/chain/client.ts')
const { deployArena } = await import('../src/chain/deploy.ts')
const { readDeployed } = await import('../src/chain/reads/readDeployed.ts')
const { burnerWallet } = await import('../src/chain/wallet.ts')

try {
  const { rpc, chain } = await connect(rpcUrl)
  const noted = JSON.parse(readFileSync(values.out, { encoding: 'utf8', flag: 'a+' }) || '{}') as Record<string, unknown>
  const known = await readDeployed(rpc, chain.id, noted[chain.id])
  if (known && !values.again) {
    if (values.token && known.token !== getAddress(values.token)) {
      fail(`The arena known on chain ${chain.id} has another stake token, ${known.token}. Use --again to deploy one for ${values.token}.`, 1)
    }
    console.error(`Chain ${chain.id} has its arena already; nothing was sent. Use --again for another one.`)
    console.log(JSON.stringify(known, null, 2))
    process.exit(0)
  }
  const wallet = burnerWallet({ key: await readKey(), chain, rpcUrl })
  const deployment = await deployArena(rpc, wallet, {
    ...(values.token && { token: getAddress(values.token) }),
    onState: ({ state, action }) => { if (state === 'sent' || state === 'mined') console.error(`${action}: ${state}`) },
  })
  writeFileSync(values.out, `${JSON.stringify({ ...noted, [chain.id]: deployment }, null, 2)}\n`)
  console.error(`Noted in ${values.out}.`)
  console.log(JSON.stringify(deployment, null, 2))
} catch (error) {
  const { message, advice } = error as Error & { advice?: string }
  fail(advice ? `${message} ${advice}` : message, 1)
}

async function readKey(): Promise<Hex> {
  const given = process.env.LANISTA_KEY ?? await askSecret(`Private key of the account that pays on chain at ${rpcUrl}: `)
  const key = given?.trim()
  if (!isHex(key) || key.length !== 66) fail('A private key is needed (0x and 64 hex digits): set LANISTA_KEY, or run in a terminal.', 2)
  return key
}

function fail(message: string, code: number): never {
  console.error(message)
  process.exit(code)
}
