/**
 * Builds the contracts: forge from npm with npm's solc, no network. Writes one TypeScript module
 * per contract to src/chain/generated/ (ABI and creation bytecode as const), so that every
 * call is typed. Does nothing when no source has changed.
 *
 *   npm run contracts
 */
import { createHash } from 'node:crypto'
import { copyFileSync, existsSync, globSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { forge, here, root } from './tools/forge.ts'

/** Contracts that are deployed, with the path of their source under contracts/src. */
const CONTRACTS = {
  Arena: 'Arena.sol',
  Annex: 'Annex.sol',
  BackOffice: 'BackOffice.sol',
  DelegationVault: 'delegation/DelegationVault.sol',
  VaultFactory: 'delegation/VaultFactory.sol',
  RelayRegistry: 'registry/RelayRegistry.sol',
  TestToken: 'testing/TestToken.sol',
} as const

/** EIP-170. */
const MAX_CODE_BYTES = 24_576

interface AbiEntry {
  type: string
}

interface Artifact {
  abi: AbiEntry[]
  bytecode: { object: string }
  deployedBytecode: { object: string }
  metadata?: { settings: { viaIR?: boolean; compilationTarget: Record<string, string> } }
}

type Name = keyof typeof CONTRACTS

const generated = join(root, 'src', 'chain', 'generated')
const stamp = join(generated, '.hash')
/** Copies of the artifacts that ship, for the tests to deploy: forge by itself may find what the tests' profile made of the same source. */
const shipped = join(here, 'out', 'shipped')

export function sourceHash(): string {
  const hash = createHash('sha256')
  const files = [...globSync('src/**/*.sol', { cwd: here }).sort(), 'foundry.toml', 'build.ts']
  for (const file of files) hash.update(file).update('\0').update(readFileSync(join(here, file))).update('\0')
  for (const name of ['solc', '@openzeppelin/contracts', 'solady']) {
    hash.update(readFileSync(join(root, 'node_modules', name, 'package.json')))
  }
  return hash.digest('hex')
}

/**
 * The artifact of a contract as it ships, compiled by the intermediate representation. Which of forge's files holds it depends
 * on what was compiled first, so it is known by its settings.
 * @throws when there is none, or more than one.
 */
function artifactFile(name: Name): string {
  const found = globSync(`**/${name}*.json`, { cwd: join(here, 'out'), exclude: ['shipped/**', 'build-info/**'] })
    .map(file => join(here, 'out', file))
    .filter(file => {
      const settings = (JSON.parse(readFileSync(file, 'utf8')) as Artifact).metadata?.settings
      return settings?.viaIR === true && settings.compilationTarget[`contracts/src/${CONTRACTS[name]}`] === name
    })
  if (found.length !== 1) {
    throw new Error(`${found.length} artifacts of ${name} made by IR (${found.join(', ')}). Remove contracts/out and contracts/cache and build again.`)
  }
  return found[0]!
}

const read = (file: string): Artifact => JSON.parse(readFileSync(file, 'utf8')) as Artifact

/** The Arena answers for its back office and annex too: entries of all, each once, less the other constructors. */
function union(front: AbiEntry[], back: AbiEntry[]): AbiEntry[] {
  const known = new Set(front.map(entry => JSON.stringify(entry)))
  return [...front, ...back.filter(entry => entry.type !== 'constructor' && !known.has(JSON.stringify(entry)))]
}

export function buildContracts(): void {
  const hash = sourceHash()
  const upToDate = existsSync(stamp) && readFileSync(stamp, 'utf8') === hash
    && Object.keys(CONTRACTS).every(name => existsSync(join(generated, `${name}.ts`)) && existsSync(join(shipped, `${name}.json`)))
  if (upToDate) return
  forge(['build', '--skip', 'contracts/test/**'])
  const modules = new Map<string, string>()
  mkdirSync(shipped, { recursive: true })
  for (const name of Object.keys(CONTRACTS) as Name[]) copyFileSync(artifactFile(name), join(shipped, `${name}.json`))
  const shippedArtifact = (name: Name) => read(join(shipped, `${name}.json`))
  for (const [name, source] of Object.entries(CONTRACTS)) {
    const artifact = shippedArtifact(name as Name)
    const bytes = artifact.deployedBytecode.object.length / 2 - 1
    console.log(`${name.padEnd(16)} ${bytes.toLocaleString('en')} bytes`)
    if (bytes > MAX_CODE_BYTES) throw new Error(`${name} has ${bytes} bytes of code; a chain takes ${MAX_CODE_BYTES}.`)
    const variable = name[0]!.toLowerCase() + name.slice(1)
    const abi = name === 'Arena' ? union(union(artifact.abi, shippedArtifact('BackOffice').abi), shippedArtifact('Annex').abi) : artifact.abi
    modules.set(`${name}.ts`, [
      `// Written by contracts/build.ts from contracts/src/${source}.`,
      `export const ${variable}Abi = ${JSON.stringify(abi)} as const`,
      `export const ${variable}Bytecode = ${JSON.stringify(artifact.bytecode.object)} as const`,
      '',
    ].join('\n'))
  }
  modules.set('.hash', hash)
  replaceGenerated(modules)
}

/** All files at once, and only when every check has passed: whoever reads meanwhile finds the old ones or the new ones. */
function replaceGenerated(modules: ReadonlyMap<string, string>): void {
  const made = `${generated}.${process.pid}`
  const old = `${made}.old`
  rmSync(made, { recursive: true, force: true })
  mkdirSync(made, { recursive: true })
  for (const [file, text] of modules) writeFileSync(join(made, file), text)
  if (existsSync(generated)) renameSync(generated, old)
  renameSync(made, generated)
  rmSync(old, { recursive: true, force: true })
}

if (import.meta.main) buildContracts()
