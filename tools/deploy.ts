/**
 * `npm run deploy -- --rpc URL`: puts an arena on a chain and notes it in src/chain/deployments.json.
 * The key that pays comes from the environment (LANISTA_KEY), never from the command line.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { getAddress, isAddress, isHex } from 'viem'
import { buildContracts } from '../contracts/build.ts'

const HELP = `LANISTA_KEY=0x… npm run deploy -- --rpc URL [options]

  --rpc URL        the chain's RPC address
  --token ADDRESS  ERC-20 of stakes and bonds, one without fees or rebasing;
                   without it a test token is deployed, which anyone may draw from
  --out FILE       where to note the addresses (src/chain/deployments.json)
`

const { values } = parseArgs({
  options: {
    rpc: { type: 'string' }, token: { type: 'string' }, help: { type: 'boolean', default: false },
    out: { type: 'string', default: join(import.meta.dirname, '..', 'src', 'chain', 'deployments.json') },
  },
})
const key = process.env.LANISTA_KEY
if (values.help || !values.rpc || !isHex(key) || key.length !== 66 || (values.token && !isAddress(values.token))) {
  console.log(HELP)
  if (!values.help && !isHex(key)) console.error('LANISTA_KEY is not a private key (0x and 64 hex digits).')
  process.exit(values.help ? 0 : 2)
}

// The chain functions need the generated interfaces, so those come first.
buildContracts()
const { connect } = await import('../src/chain/client.ts')
const { deployArena } = await import('../src/chain/deploy.ts')
const { burnerWallet } = await import('../src/chain/wallet.ts')

try {
  const { rpc, chain } = await connect(values.rpc)
  const wallet = burnerWallet({ key, chain, rpcUrl: values.rpc })
  const deployment = await deployArena(rpc, wallet, {
    ...(values.token && { token: getAddress(values.token) }),
    onState: ({ state, action }) => { if (state === 'sent' || state === 'mined') console.error(`${action}: ${state}`) },
  })
  const known = JSON.parse(readFileSync(values.out, { encoding: 'utf8', flag: 'a+' }) || '{}') as Record<string, unknown>
  writeFileSync(values.out, `${JSON.stringify({ ...known, [chain.id]: deployment }, null, 2)}\n`)
  console.log(JSON.stringify(deployment, null, 2))
} catch (error) {
  const { message, advice } = error as Error & { advice?: string }
  console.error(advice ? `${message} ${advice}` : message)
  process.exit(1)
}
