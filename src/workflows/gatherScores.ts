/**
 * Seals and reveals of a committee in one transaction, without a server: each validator's tab tells the others its
 * own (signed, or with its salt), and one of them sends all. Who is sent for needs no gas. Tabs that are silent are not
 * waited for, those that still score are, for some minutes; one whose part is not on chain in time sends it by itself,
 * so nothing depends on anybody else.
 *
 * What others tell is checked before it is sent. A validator who gives away a signature and then seals by itself can
 * still make one such transaction fail, at the sender's cost: after that the sender sends its own only.
 */
import { getAddress, type Address, type Hex } from 'viem'
import { scoreSeal } from '../arena/commitments.ts'
import { aloneFrom, isTurn } from '../arena/gathering.ts'
import { phaseEnd, type Phase } from '../arena/phases.ts'
import type { RevealMessage, ScoreMessage, SealMessage } from '../arena/scoreMessages.ts'
import { packScores, unpackScores } from '../arena/scoreVector.ts'
import { senderOf, type ArenaWriter } from '../chain/arena.ts'
import { ChainError, RejectedByUserError } from '../chain/errors.ts'
import { readTask } from '../chain/reads/readTask.ts'
import { isSignedBy } from '../chain/signedSeal.ts'
import { committeeIn, roundPhase } from '../chain/state/rounds.ts'
import type { ValidatorState } from '../chain/state/taskState.ts'
import { pause } from '../chain/transaction.ts'
import { revealScores } from '../chain/writes/revealScores.ts'
import { sealScores } from '../chain/writes/sealScores.ts'
import { sealScoresFor } from '../chain/writes/sealScoresFor.ts'
import { signSeal } from '../chain/writes/signSeal.ts'

/** Where a task's validators talk to each other. */
export interface ScoreChannel {
  tell(message: ScoreMessage): void
  /** @returns the way to end it. */
  hear(callback: (message: ScoreMessage) => void): () => void
}

/** One validator's scores of its batch; stored before they come here. */
export interface ScoresToSend {
  taskId: bigint
  round: number
  batch: number
  /** Micro-bits per byte, `INVALID` or `ABSTAIN` per item; item 0 is the base model. */
  scores: readonly number[]
  salt: Hex
}

export interface GatherOptions {
  signal?: AbortSignal
  /** Milliseconds between looks at the chain, and between tellings; defaults 2 s and 4 s. */
  poll?: number
  repeat?: number
  /** Milliseconds of silence after which a member's tab counts as gone, and for which anybody is waited for at most; defaults 15 s and 10 min. */
  patience?: number
  longest?: number
  /** How many parts are at hand, of how many that are not on chain. */
  onProgress?: (ready: number, missing: number) => void
}

const REPEAT = 4_000

/** Says, until the returned function is called, that a validator still scores and wants to be waited for. */
export function sayScoring(channel: Pick<ScoreChannel, 'tell'>, { round, validator }: { round: number; validator: Address }, repeat = REPEAT): () => void {
  const tell = () => channel.tell({ version: 1, kind: 'scoring', round, validator })
  tell()
  const timer = setInterval(tell, repeat)
  return () => clearInterval(timer)
}

/** Seals by one transaction for all, or alone when time is short; returns when the seal is on chain. */
export async function sealTogether(writer: ArenaWriter, channel: ScoreChannel, mine: ScoresToSend, options: GatherOptions = {}): Promise<void> {
  const { taskId, round, batch, scores } = mine
  const validator = senderOf(writer)
  const alone = () => sealScores(writer, mine, options)
  const seal = scoreSeal({ taskId, round, batch, validator, salt: mine.salt, vector: packScores(scores) })
  let own: SealMessage
  try {
    own = { version: 1, kind: 'seal', round, ...await signSeal(writer, { taskId, round, seal }) }
  } catch (error) {
    // A wallet that cannot sign typed data can still send; a person who said no is not asked twice.
    if (!(error instanceof ChainError) || error instanceof RejectedByUserError) throw error
    await alone()
    return
  }
  await together<SealMessage>(writer, channel, mine, own, {
    phase: 'validate',
    isMissing: member => !member.sealed,
    isGenuine: message => (message.kind === 'seal' ? isSignedBy(writer.deployment, { taskId, round }, message) : Promise.resolve(false)),
    sendAll: seals => sealScoresFor(writer, { taskId, round, seals }, options),
    sendOwn: alone,
  }, options)
}

/** Reveals by one transaction for all, or alone when time is short; returns when the reveal is on chain. */
export async function revealTogether(writer: ArenaWriter, channel: ScoreChannel, mine: ScoresToSend, options: GatherOptions = {}): Promise<void> {
  const { taskId, round, batch, scores, salt } = mine
  const validator = senderOf(writer)
  const own: RevealMessage = { version: 1, kind: 'reveal', round, batch, validator, salt, vector: packScores(scores) }
  const reveal = (reveals: readonly RevealMessage[]) => revealScores(writer, {
    taskId, round, batch, reveals: reveals.map(({ vector, ...rest }) => ({ ...rest, scores: unpackScores(vector) })),
  }, options)
  await together<RevealMessage>(writer, channel, mine, own, {
    phase: 'reveal',
    isMissing: member => member.sealed && member.revealed === null,
    isGenuine: (message, member) => Promise.resolve(message.kind === 'reveal' && message.batch === batch && message.vector.length === own.vector.length
      && isSameSeal(member.seal, scoreSeal({ taskId, round, batch, validator: member.validator, salt: message.salt, vector: message.vector }))),
    sendAll: reveal,
    sendOwn: () => reveal([own]),
  }, options)
}

/** What differs between sealing and revealing. */
interface Kind<M extends ScoreMessage> {
  phase: Extract<Phase, 'validate' | 'reveal'>
  isMissing: (member: ValidatorState) => boolean
  /** Whether the contract would take the message as this member's. */
  isGenuine: (message: ScoreMessage, member: ValidatorState) => Promise<boolean>
  sendAll: (messages: readonly M[]) => Promise<unknown>
  sendOwn: () => Promise<unknown>
}

async function together<M extends ScoreMessage>(
  writer: ArenaWriter, channel: ScoreChannel, { taskId, round, batch }: ScoresToSend, own: M, kind: Kind<M>, options: GatherOptions,
): Promise<void> {
  const { signal, poll = 2_000, repeat = REPEAT, patience = 15_000, longest = 600_000, onProgress } = options
  const me = senderOf(writer)
  const started = Date.now()
  /** The newest of each sender, unchecked: no more than a committee can have is kept. */
  const heard = new Map<Address, ScoreMessage>()
  const checked = new Map<Address, M>([[me, own]])
  let committeeSize = 0
  /** When something came last that is worth waiting for. */
  let news = started
  const stop = channel.hear(message => {
    const sender = getAddress(message.validator)
    /** A word of patience does not take the place of a part. */
    const isWord = message.kind === 'scoring' && !heard.has(sender)
    if (message.round !== round || checked.has(sender) || (message.kind !== own.kind && !isWord)) return
    if (heard.size < 4 * Math.max(committeeSize, 32) || heard.has(sender)) heard.set(sender, message)
  })
  try {
    let told = -Infinity
    for (let failed = false; ;) {
      signal?.throwIfAborted()
      const { task, time } = await readTask(writer, taskId, { signal })
      const state = task.rounds[round]!
      const committee = committeeIn(task, state, batch) ?? []
      committeeSize = committee.length
      const missing = committee.filter(kind.isMissing)
      if (!missing.some(({ validator }) => validator === me)) return
      for (const member of missing) {
        const message = heard.get(member.validator)
        if (!message) continue
        heard.delete(member.validator)
        const isGenuine = await kind.isGenuine(message, member)
        if (isGenuine) checked.set(member.validator, message as M)
        if (isGenuine || message.kind === 'scoring') news = Date.now()
      }
      const ready = missing.flatMap(({ validator }) => checked.get(validator) ?? [])
      onProgress?.(ready.length, missing.length)
      const phase = { from: phaseEnd(task.clock, round, kind.phase === 'validate' ? 'open' : 'validate'), to: phaseEnd(task.clock, round, kind.phase) }
      const isTooLate = roundPhase(task, state, time) !== kind.phase || time >= aloneFrom(phase)
      const now = Date.now()
      const place = ready.findIndex(({ validator }) => validator === own.validator)
      const isMine = isTurn({ missing: missing.length, ready: ready.length, place, quiet: now - news, waited: now - started }, patience, longest)
      if (failed || isTooLate || (isMine && ready.length === 1)) {
        await kind.sendOwn()
        return
      }
      if (isMine) {
        try {
          await kind.sendAll(ready)
          return
        } catch (error) {
          if (!(error instanceof ChainError) || error instanceof RejectedByUserError) throw error
          failed = true
          continue
        }
      }
      if (now - told >= repeat) {
        channel.tell(own)
        told = now
      }
      await pause(poll, signal)
    }
  } finally {
    stop()
  }
}

/** The contract ignores a seal's lowest bit. */
const isSameSeal = (one: Hex | null, other: Hex): boolean => one !== null && BigInt(one) >> 1n === BigInt(other) >> 1n
