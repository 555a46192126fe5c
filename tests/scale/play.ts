/**
 * Plays task plans on the real contracts, all tasks side by side on one clock,
 * and books the same with `src/arena`.
 */
import { concatHex, encodeDeployData, encodeFunctionData, getAddress, keccak256, parseEther, toHex, type Address, type Hex } from 'viem'
import { scoreSeal, submissionCommitment } from '../../src/arena/commitments.ts'
import { REASONS, type Verdict } from '../../src/arena/consensus.ts'
import type { Clock } from '../../src/arena/parameters.ts'
import { phaseEnd, roundSpan } from '../../src/arena/phases.ts'
import { batchesOf, membersOf, type RoundInput, type RoundOutcome } from '../../src/arena/round.ts'
import { ABSTAIN, packScores } from '../../src/arena/scoreVector.ts'
import { keyCommitment } from '../../src/arena/sealedShard.ts'
import { arenaAbi, testTokenAbi } from '../../src/chain/abi.ts'
import { connect } from '../../src/chain/client.ts'
import { deployArena } from '../../src/chain/deploy.ts'
import { testTokenBytecode } from '../../src/chain/generated/TestToken.ts'
import { burnerWallet } from '../../src/chain/wallet.ts'
import { BulkChain, CHAIN_ID, type Actor } from './bulkChain.ts'
import { Book, TaskLedger, type Owed } from './ledger.ts'
import type { TaskPlan } from './plan.ts'

const DAY = 86_400
const PHASE = { submit: DAY, open: DAY, validate: DAY, reveal: DAY, settle: DAY, dispute: DAY }
const EVER = 2n ** 256n - 1n
/** Validators whose seals, or reveals, one transaction carries. */
const GATHERED = 32
/** Keys, digests and salts are the same everywhere: what is kept secret does not change what is computed. */
const WORD = keccak256(toHex('a word'))
/** What a token's faucet gives, and every actor starts with. */
export const START_BALANCE = parseEther('1000000000')

/** A played run: what the chain holds, and what it should. */
export interface Played {
  chain: BulkChain
  arena: Address
  tokens: { stake: Address; bounty: Address }
  actors: Actor[]
  tasks: PlayedTask[]
  owed: Owed
  /** Verdicts about submissions (the base model not counted) that were revealed and settled. */
  validations: number
  /** Opened submissions. */
  models: number
  /** False settlements that were tried, and how many the contract refused. */
  griefing: { attempts: number; refused: number }
}

export interface PlayedTask {
  plan: TaskPlan
  taskId: bigint
  clock: Clock
  ledger: TaskLedger
  rounds: PlayedRound[]
}

/** One round's inputs as they came to be on chain. */
export interface PlayedRound {
  opened: { actor: number; order: number; time: number }[]
  enrolled: { actor: number; time: number }[]
  seed: Hex | null
  input: RoundInput | null
  /** Null where nobody settled. */
  outcome: RoundOutcome | null
}

export interface PlayOptions {
  /** Try false settlements of every batch before the true one. */
  griefing?: boolean
  /** Seals and reveals of many validators in one transaction each, as a gatherer sends them. */
  gather?: boolean
}

/** @param onStep told what is being done. The caller stops `played.chain`. */
export async function play(
  plans: readonly TaskPlan[], actorCount: number, onStep: (step: string) => void = () => undefined, options: PlayOptions = {},
): Promise<Played> {
  const chain = await BulkChain.start()
  try {
    return await playOn(chain, plans, actorCount, onStep, options)
  } catch (error) {
    await chain.stop()
    throw error
  }
}

async function playOn(
  chain: BulkChain, plans: readonly TaskPlan[], actorCount: number, onStep: (step: string) => void, options: PlayOptions,
): Promise<Played> {
  const griefing = { attempts: 0, refused: 0 }
  const actors = Array.from({ length: actorCount }, (_, index) => BulkChain.actor(`actor ${index}`))
  const addresses = actors.map(({ address }) => address)
  const { arena, tokens } = await deploy(chain, actors)
  const call = (actor: number, label: string, data: Hex) => { chain.push(actors[actor]!, label, arena, data) }
  const owed: Owed = { stake: new Book(), bounty: new Book() }

  onStep('Creating tasks')
  const start = await chain.time() + DAY
  const tasks = plans.map((plan, index): PlayedTask => {
    call(plan.creator, 'createTask', createTaskData(plan, start, tokens.bounty))
    return {
      plan, taskId: BigInt(index), clock: { start, ...PHASE, rounds: plan.rounds.length }, rounds: [],
      ledger: new TaskLedger(plan, addresses, owed),
    }
  })
  await chain.flush()
  await chain.travel(start)
  for (const { plan, taskId, ledger } of tasks) {
    for (const { actor, role, amount, lock } of plan.stakes) {
      const lockUntil = lock === 0 ? 0 : start + lock
      call(actor, 'stake', encodeFunctionData({
        abi: arenaAbi, functionName: 'stake', args: [taskId, role === 'trainer' ? 1 : 2, amount, lockUntil, []],
      }))
      ledger.stake(addresses[actor]!, amount, lockUntil)
    }
  }
  await chain.flush()

  const last = Math.max(...plans.map(plan => plan.rounds.length))
  for (let round = 0; round <= last; round++) {
    const [first] = tasks
    await chain.travel(first!.clock.start + round * roundSpan(first!.clock) + 1)
    onStep(`Round ${round + 1} of ${last}`)
    await finish(chain, tasks.filter(({ plan }) => round > 0 && round - 1 < plan.rounds.length), round - 1, call)
    const playing = tasks.filter(({ plan }) => round < plan.rounds.length)
    if (playing.length > 0) await playRound(chain, arena, playing, round, addresses, call, actors, options, griefing)
  }
  const played: Played = { chain, arena, tokens, actors, tasks, owed, validations: 0, models: 0, griefing }
  count(played)
  return played
}

async function playRound(
  chain: BulkChain, arena: Address, tasks: PlayedTask[], round: number, addresses: readonly Address[],
  call: (actor: number, label: string, data: Hex) => void, actors: readonly Actor[], options: PlayOptions,
  griefing: { attempts: number; refused: number },
): Promise<void> {
  const go = (task: PlayedTask, phase: 'submit' | 'open' | 'validate' | 'reveal') => chain.travel(phaseEnd(task.clock, round, phase) + 1)
  const id = BigInt(round)
  for (const { plan, taskId } of tasks) {
    const { submissions, validators } = plan.rounds[round]!
    for (const { actor } of submissions) {
      const commitment = submissionCommitment({ taskId, round, trainer: addresses[actor]!, adapterDigest: WORD, salt: WORD })
      call(actor, 'submit', encodeFunctionData({ abi: arenaAbi, functionName: 'submit', args: [taskId, id, commitment] }))
    }
    for (const { actor } of validators) call(actor, 'enroll', encodeFunctionData({ abi: arenaAbi, functionName: 'enroll', args: [taskId, id] }))
  }
  const submitted = (await chain.flush()).filter(({ label }) => label === 'enroll').map(({ time }) => time)
  for (const task of tasks) {
    task.rounds[round] = {
      opened: [], enrolled: task.plan.rounds[round]!.validators.map(({ actor }) => ({ actor, time: submitted.shift()! })),
      seed: null, input: null, outcome: null,
    }
  }

  await go(tasks[0]!, 'submit')
  for (const { plan, taskId } of tasks) {
    const { submissions, keyRevealed } = plan.rounds[round]!
    for (const { actor, opens } of submissions) {
      if (opens) call(actor, 'open', encodeFunctionData({ abi: arenaAbi, functionName: 'open', args: [taskId, id, WORD, WORD] }))
    }
    if (keyRevealed) call(plan.creator, 'revealKey', encodeFunctionData({ abi: arenaAbi, functionName: 'revealKey', args: [taskId, id, WORD] }))
  }
  const opened = (await chain.flush()).filter(({ label }) => label === 'open').map(({ time }) => time)
  for (const { plan, rounds } of tasks) {
    plan.rounds[round]!.submissions.forEach(({ actor, opens }, order) => {
      if (opens) rounds[round]!.opened.push({ actor, order: order + 1, time: opened.shift()! })
    })
  }

  await go(tasks[0]!, 'open')
  const judged = tasks.filter(({ plan, rounds }) => {
    const { keyRevealed, validators } = plan.rounds[round]!
    return keyRevealed && validators.length > 0 && rounds[round]!.opened.length > 0
  })
  await dealCommittees(chain, arena, judged, round, call)
  // Vectors by validator address; a validator judges at most one batch.
  const vectors = judged.map(task => seal(task, round, addresses))
  for (const [index, { plan, taskId }] of judged.entries()) {
    if (options.gather) {
      for (const part of chunks(vectors[index]!, GATHERED)) {
        call(plan.creator, 'sealFor', await sealForData(part, actors, arena, taskId, round))
      }
    } else {
      for (const { actor, seal } of vectors[index]!) {
        call(actor, 'seal', encodeFunctionData({ abi: arenaAbi, functionName: 'seal', args: [taskId, id, seal] }))
      }
    }
  }
  await chain.flush()

  await go(tasks[0]!, 'validate')
  judged.forEach(({ taskId, plan }, index) => {
    const revealing = vectors[index]!.filter(({ actor }) => plan.rounds[round]!.validators.find(entry => entry.actor === actor)!.does === 'reveals')
    for (const part of Map.groupBy(revealing, ({ batch }) => batch).values()) {
      for (const group of chunks(part, options.gather ? GATHERED : 1)) {
        call(options.gather ? plan.creator : group[0]!.actor, 'reveal', encodeFunctionData({
          abi: arenaAbi, functionName: 'reveal',
          args: [taskId, id, BigInt(group[0]!.batch), group.map(({ actor }) => addresses[actor]!), group.map(() => WORD), concatHex(group.map(({ vector }) => vector))],
        }))
      }
    }
  })
  await chain.flush()

  await go(tasks[0]!, 'reveal')
  for (const task of judged) {
    if (!task.plan.rounds[round]!.settled) continue
    const settlements = settleBatches(task, round)
    if (options.griefing) await grief(chain, arena, task, round, settlements, griefing)
    for (const [batch, { consensus, vectors }] of settlements.entries()) {
      call(task.plan.creator, 'settle', settleData(task.taskId, round, batch, consensus, vectors))
    }
  }
  await chain.flush()
}

/** Two calls a block apart, where more are enrolled than one committee holds; the chain's seed is the only thing taken from it. */
async function dealCommittees(
  chain: BulkChain, arena: Address, tasks: PlayedTask[], round: number, call: (actor: number, label: string, data: Hex) => void,
): Promise<void> {
  const dealt = tasks.filter(({ plan, rounds }) => rounds[round]!.enrolled.length > plan.rules.committeeSize)
  for (let twice = 0; twice < 2; twice++) {
    for (const { plan, taskId } of dealt) {
      call(plan.creator, 'fixSeed', encodeFunctionData({ abi: arenaAbi, functionName: 'fixSeed', args: [taskId, BigInt(round)] }))
    }
    await chain.flush()
  }
  const logs = await chain.call('eth_getLogs', [{ address: arena, fromBlock: 'latest', toBlock: 'latest' }]) as { topics: Hex[]; data: Hex }[]
  const seeds = new Map(logs.map(({ topics, data }) => [`${BigInt(topics[1]!)}`, data]))
  for (const { taskId, rounds } of dealt) {
    const seed = seeds.get(String(taskId))
    if (!seed) throw new Error(`No seed for task ${taskId}.`)
    rounds[round]!.seed = seed
  }
}

interface Sealed {
  actor: number
  batch: number
  vector: Hex
  seal: Hex
}

const chunks = <T>(values: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(values.length / size) }, (_, index) => values.slice(index * size, (index + 1) * size))

/** Seals of validators who signed for them, gathered into one transaction (EIP-712). */
async function sealForData(sealed: readonly Sealed[], actors: readonly Actor[], arena: Address, taskId: bigint, round: number): Promise<Hex> {
  const signatures = await Promise.all(sealed.map(({ actor, seal: word }) => actors[actor]!.account.signTypedData({
    domain: { name: 'Lanista', version: '1', chainId: CHAIN_ID, verifyingContract: arena },
    types: { Seal: [{ name: 'taskId', type: 'uint256' }, { name: 'round', type: 'uint256' }, { name: 'seal', type: 'bytes32' }] },
    primaryType: 'Seal', message: { taskId, round: BigInt(round), seal: word },
  })))
  return encodeFunctionData({
    abi: arenaAbi, functionName: 'sealFor',
    args: [taskId, BigInt(round), sealed.map(({ actor }) => actors[actor]!.address), sealed.map(({ seal: word }) => word), concatHex(signatures)],
  })
}

/** Everybody who was dealt in and does more than nothing seals a vector. */
function seal(task: PlayedTask, round: number, addresses: readonly Address[]): Sealed[] {
  const { plan, taskId, ledger, rounds } = task
  const played = rounds[round]!
  const { validators, score } = plan.rounds[round]!
  const input = ledger.input(round, played.opened, played.enrolled, played.seed)
  const judging = input.validators.map(validator => ({ ...validator }))
  const sealed: Sealed[] = []
  batchesOf(input).forEach(({ from, to }, batch) => {
    for (const index of membersOf(input, batch)) {
      const { actor, does } = validators[index]!
      if (does === 'nothing') continue
      const scores = [score(actor, null), ...Array.from({ length: to - from }, (_, item) => score(actor, from + item))]
      const vector = packScores(scores)
      sealed.push({ actor, batch, vector, seal: scoreSeal({ taskId, round, batch, validator: addresses[actor]!, salt: WORD, vector }) })
      if (does === 'reveals') judging[index]!.revealed = { batch, scores }
    }
  })
  played.input = { ...input, validators: judging }
  return sealed
}

interface Settlement {
  consensus: number[]
  /** Revealed vectors by position. */
  vectors: Hex[]
}

function settleBatches(task: PlayedTask, round: number): Settlement[] {
  const input = task.rounds[round]!.input!
  const outcome = task.ledger.preview(input)
  task.rounds[round]!.outcome = outcome
  return outcome.verdicts.map(({ consensus }, batch) => ({
    consensus,
    vectors: membersOf(input, batch).flatMap(index => {
      const { revealed } = input.validators[index]!
      return typeof revealed === 'string' ? [] : [packScores(revealed.scores)]
    }),
  }))
}

const settleData = (taskId: bigint, round: number, batch: number, consensus: number[], vectors: Hex[]): Hex => encodeFunctionData({
  abi: arenaAbi, functionName: 'settle',
  args: [taskId, BigInt(round), BigInt(batch), packScores(consensus), vectors.length > 0 ? concatHex(vectors) : '0x'],
})

/** Tries what a griefing poster would: a consensus one too low or too high, a vector left out, two swapped. */
async function grief(
  chain: BulkChain, arena: Address, { taskId }: PlayedTask, round: number, settlements: Settlement[], griefing: { attempts: number; refused: number },
): Promise<void> {
  for (const [batch, { consensus, vectors }] of settlements.entries()) {
    const item = (batch + round) % consensus.length
    const shifted = (by: number) => consensus.map((score, index) => (index === item ? score + by : score))
    const [first, second, ...rest] = vectors
    const tries: [number[], Hex[]][] = [[shifted(-1), vectors], [consensus, vectors.slice(1)]]
    // One above the largest number is no number any more.
    if (consensus[item]! < ABSTAIN) tries.push([shifted(1), vectors])
    if (first && second && first !== second) tries.push([consensus, [second, first, ...rest]])
    for (const [claimed, given] of tries) {
      griefing.attempts++
      if (await chain.refuses({ to: arena, data: settleData(taskId, round, batch, claimed, given) })) griefing.refused++
    }
  }
}

/** Ranks and pays, or closes as void, the round of each task whose dispute window is over. */
async function finish(chain: BulkChain, tasks: PlayedTask[], round: number, call: (actor: number, label: string, data: Hex) => void): Promise<void> {
  const id = BigInt(round)
  for (const { plan, taskId, ledger, rounds } of tasks) {
    const { outcome, opened } = rounds[round]!
    const trainers = opened.map(({ actor }) => ledger.addressOf(actor))
    if (outcome) ledger.book(outcome, trainers)
    if (outcome && !outcome.badShard) {
      const records = outcome.verdicts.map(recordOf)
      const indices = outcome.winners.map(BigInt)
      call(plan.creator, 'rank', encodeFunctionData({
        abi: arenaAbi, functionName: 'rank', args: [taskId, id, records, indices, outcome.slashedSubmissions.map(BigInt)],
      }))
      if (indices.length > 0) {
        call(plan.creator, 'payTrainers', encodeFunctionData({ abi: arenaAbi, functionName: 'payTrainers', args: [taskId, id, indices] }))
      }
      records.forEach((record, batch) => {
        call(plan.creator, 'payValidators', encodeFunctionData({ abi: arenaAbi, functionName: 'payValidators', args: [taskId, id, BigInt(batch), record] }))
      })
      continue
    }
    const bps = plan.rounds[round]!.keyRevealed ? (outcome?.badShard ? plan.rules.slashShard : 0) : plan.rules.slashKey
    if (!outcome) ledger.close({ submissions: trainers, bps })
    call(plan.creator, 'closeVoid', encodeFunctionData({ abi: arenaAbi, functionName: 'closeVoid', args: [taskId, id] }))
    if (bps > 0 && trainers.length > 0) {
      call(plan.creator, 'payVoid', encodeFunctionData({ abi: arenaAbi, functionName: 'payVoid', args: [taskId, id, trainers.map((_, index) => BigInt(index))] }))
    }
  }
  await chain.flush()
}

/** A verdict as the contract keeps it: pay weight << 8 | 0, or 1 + the reason of a slash. */
function recordOf({ consensus, results }: Verdict): { consensus: Hex; results: bigint[] } {
  return {
    consensus: packScores(consensus),
    results: results.map(result => ('pay' in result ? result.pay << 8n : BigInt(1 + REASONS.indexOf(result.slashed)))),
  }
}

async function deploy(chain: BulkChain, actors: Actor[]): Promise<{ arena: Address; tokens: { stake: Address; bounty: Address } }> {
  const deployer = BulkChain.actor('deployer')
  const token = (name: string) => encodeDeployData({ abi: testTokenAbi, bytecode: testTokenBytecode, args: [name, name, START_BALANCE] })
  chain.push(deployer, 'deploy', null, token('STAKE'))
  chain.push(deployer, 'deploy', null, token('BOUNTY'))
  const [stake, bounty] = (await chain.flush()).map(({ contractAddress }) => getAddress(contractAddress!))
  const arena = await chain.mineByItself(async () => {
    const { rpc, chain: network } = await connect(chain.url)
    const wallet = burnerWallet({ key: BulkChain.keyOf('arena deployer'), chain: network, rpcUrl: chain.url })
    await chain.call('anvil_setBalance', [wallet.account.address, toHex(10n ** 24n)])
    return (await deployArena(rpc, wallet, { token: stake! })).arena
  })
  for (const actor of actors) {
    for (const token of [stake!, bounty!]) {
      chain.push(deployer, 'draw', token, encodeFunctionData({ abi: testTokenAbi, functionName: 'draw', args: [actor.address, START_BALANCE] }))
      chain.push(actor, 'approve', token, encodeFunctionData({ abi: testTokenAbi, functionName: 'approve', args: [arena, EVER] }))
    }
  }
  await chain.flush()
  return { arena, tokens: { stake: stake!, bounty: bounty! } }
}

function createTaskData(plan: TaskPlan, start: number, bountyToken: Address): Hex {
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

function count(played: Played): void {
  for (const { rounds } of played.tasks) {
    for (const { opened, input, outcome } of rounds) {
      played.models += opened.length
      if (!outcome || !input) continue
      for (const { revealed } of input.validators) {
        if (typeof revealed !== 'string') played.validations += revealed.scores.slice(1).filter(score => score !== ABSTAIN).length
      }
    }
  }
}
