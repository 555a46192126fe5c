/**
 * What a task's peers tell each other, on one gossipsub topic: "I hold CID X",
 * "who holds CID X?", and what validators give to each other to be sent together
 * (see `scoreMessages.ts`). All are hints only: a block is believed when its hash
 * is right, a seal when its signature is, and nothing is fetched unasked.
 *
 * Gossip keeps nothing for those who come later, so a holder says it again when
 * somebody joins the topic, when somebody asks, and once in a while.
 */
import type { HeliaWithLibp2p } from '@helia/libp2p'
import { TopicValidatorResult, type Message } from '@libp2p/gossipsub'
import { z } from 'zod'
import { isCid } from '../arena/cid.ts'
import { scoreMessageSchema, type ScoreMessage } from '../arena/scoreMessages.ts'
import type { NodeServices } from './arenaNode.ts'
import { parseCid } from './cid.ts'
import { HolderBook } from './holderBook.ts'
import { MAX_ANNOUNCEMENT_BYTES, TASK_TOPIC_PREFIX } from './protocols.ts'

const messageSchema = z.strictObject({
  version: z.literal(1),
  kind: z.enum(['have', 'ask']),
  cid: z.string().max(80).refine(isCid, 'must be a CID'),
  /** Content bytes as the holder counts them; 0 when unknown. */
  bytes: z.int().min(0).max(2 ** 42),
  /** Where the holder can be dialed. */
  addresses: z.array(z.string().max(400)).max(3),
})
type AnnouncementMessage = z.infer<typeof messageSchema>

/** Something somebody says they hold. */
export interface Announcement {
  taskId: string
  cid: string
  /** Peer id of the holder, proved by the message's signature. */
  peer: string
  bytes: number
}

export interface Announcements {
  readonly holders: HolderBook
  /** Says that this node holds a CID, now and to whoever joins or asks later. */
  announce(taskId: string, cid: string, bytes?: number): void
  /** Stops saying so. */
  withdraw(taskId: string, cid: string): void
  /** Asks the task's peers who holds a CID; the answers come to `watch` and the holder book. */
  ask(taskId: string, cid: string): void
  /** Calls back for each announcement of a task, once per peer and CID. Returns the way to end it. */
  watch(taskId: string, callback: (announcement: Announcement) => void): () => void
  /** As `watch`, for every task whose topic this node has joined. */
  watchAll(callback: (announcement: Announcement) => void): () => void
  /** Passes what a validator says of its scores to whoever listens now. */
  tellScores(taskId: string, message: ScoreMessage): void
  /** Calls back for everything of that kind; returns the way to end it. */
  hearScores(taskId: string, callback: (message: ScoreMessage) => void): () => void
  /** From now on joins each task topic that a peer joins, up to a number of them: so a relay passes on every task. */
  mirrorTopics(limit: number): void
  stop(): void
}

const REPEAT = 60_000
const AFTER_JOIN = 700
const ANSWER_PAUSE = 5000
const TASK_ID = /^[\w:.-]{1,160}$/

/** Parses the bytes of a message on a task's topic; null for anything that is not one. */
export function parseAnnouncement(data: Uint8Array): AnnouncementMessage | ScoreMessage | null {
  if (data.byteLength > MAX_ANNOUNCEMENT_BYTES) return null
  try {
    const result = z.union([messageSchema, scoreMessageSchema]).safeParse(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(data)))
    return result.success ? result.data : null
  } catch {
    return null
  }
}

export function createAnnouncements(helia: HeliaWithLibp2p<NodeServices>): Announcements {
  const { pubsub } = helia.libp2p.services
  const holders = new HolderBook()
  const own = new Map<string, Map<string, number>>()
  const watchers = new Map<string, Set<(announcement: Announcement) => void>>()
  const scoreListeners = new Map<string, Set<(message: ScoreMessage) => void>>()
  const everywhere = new Set<(announcement: Announcement) => void>()
  const lastAnswer = new Map<string, number>()
  const timers = new Map<string, ReturnType<typeof setTimeout>>()
  let mirrored = 0

  function topicOf(taskId: string): string {
    if (!TASK_ID.test(taskId)) throw new TypeError(`A task id of letters, digits and :._- is needed, got "${taskId.slice(0, 200)}"`)
    return TASK_TOPIC_PREFIX + taskId
  }

  function join(taskId: string): string {
    const topic = topicOf(taskId)
    if (!pubsub.getTopics().includes(topic)) {
      pubsub.topicValidators.set(topic, (_peer, message) => 
        parseAnnouncement(message.data) ? TopicValidatorResult.Accept : TopicValidatorResult.Reject)
      pubsub.subscribe(topic)
    }
    return topic
  }

  function publish(taskId: string, kind: 'have' | 'ask', cid: string, bytes: number): void {
    const addresses = helia.libp2p.getMultiaddrs().map(String)
      .filter(address => address.length <= 400).sort((a, b) => Number(b.includes('/webrtc')) - Number(a.includes('/webrtc'))).slice(0, 3)
    const message: AnnouncementMessage = { version: 1, kind, cid, bytes, addresses }
    pubsub.publish(topicOf(taskId), new TextEncoder().encode(JSON.stringify(message))).catch(() => undefined)
  }

  function publishOwn(taskId: string): void {
    for (const [cid, bytes] of own.get(taskId) ?? []) publish(taskId, 'have', cid, bytes)
  }

  async function answer(taskId: string, cid: string): Promise<void> {
    const now = Date.now()
    if (now - (lastAnswer.get(cid) ?? 0) < ANSWER_PAUSE) return
    if (lastAnswer.size > 1000) lastAnswer.clear()
    lastAnswer.set(cid, now)
    const bytes = own.get(taskId)?.get(cid)
    if (bytes === undefined && !await helia.pins.isPinned(parseCid(cid))) return
    publish(taskId, 'have', cid, bytes ?? 0)
  }

  const onMessage = ({ detail }: CustomEvent<Message>): void => {
    if (detail.type !== 'signed' || !detail.topic.startsWith(TASK_TOPIC_PREFIX)) return
    const message = parseAnnouncement(detail.data)
    if (!message) return
    const taskId = detail.topic.slice(TASK_TOPIC_PREFIX.length)
    if (!('cid' in message)) {
      for (const callback of scoreListeners.get(taskId) ?? []) callback(message)
      return
    }
    if (message.kind === 'ask') return void answer(taskId, message.cid)
    const peer = detail.from.toString()
    if (!holders.add(message.cid, peer, message.addresses)) return
    for (const callback of [...watchers.get(taskId) ?? [], ...everywhere]) callback({ taskId, cid: message.cid, peer, bytes: message.bytes })
  }

  const onSubscription = ({ detail }: CustomEvent<{ subscriptions: { topic: string; subscribe: boolean }[] }>): void => {
    for (const { topic, subscribe } of detail.subscriptions) {
      if (!subscribe || !topic.startsWith(TASK_TOPIC_PREFIX)) continue
      const taskId = topic.slice(TASK_TOPIC_PREFIX.length)
      if (!TASK_ID.test(taskId)) continue
      if (pubsub.getTopics().filter(name => name.startsWith(TASK_TOPIC_PREFIX)).length < mirrored) join(taskId)
      if (!own.has(taskId) || timers.has(taskId)) continue
      // A moment later the newcomer is in the mesh, and others who joined with it too.
      timers.set(taskId, setTimeout(() => { timers.delete(taskId); publishOwn(taskId) }, AFTER_JOIN))
    }
  }

  pubsub.addEventListener('message', onMessage)
  pubsub.addEventListener('subscription-change', onSubscription as EventListener)
  const repeat = setInterval(() => { for (const taskId of own.keys()) publishOwn(taskId) }, REPEAT)

  return {
    holders,
    announce(taskId, cid, bytes = 0) {
      join(taskId)
      own.set(taskId, (own.get(taskId) ?? new Map<string, number>()).set(cid, bytes))
      publish(taskId, 'have', cid, bytes)
      helia.routing.provide(parseCid(cid)).catch(() => undefined)
    },
    withdraw(taskId, cid) {
      own.get(taskId)?.delete(cid)
    },
    ask(taskId, cid) {
      join(taskId)
      publish(taskId, 'ask', cid, 0)
    },
    watch(taskId, callback) {
      join(taskId)
      const list = watchers.get(taskId) ?? new Set()
      watchers.set(taskId, list.add(callback))
      return () => list.delete(callback)
    },
    watchAll(callback) {
      everywhere.add(callback)
      return () => everywhere.delete(callback)
    },
    tellScores(taskId, message) {
      pubsub.publish(join(taskId), new TextEncoder().encode(JSON.stringify(message))).catch(() => undefined)
    },
    hearScores(taskId, callback) {
      join(taskId)
      const list = scoreListeners.get(taskId) ?? new Set()
      scoreListeners.set(taskId, list.add(callback))
      return () => list.delete(callback)
    },
    mirrorTopics(limit) {
      mirrored = limit
    },
    stop() {
      clearInterval(repeat)
      for (const timer of timers.values()) clearTimeout(timer)
      pubsub.removeEventListener('message', onMessage)
      pubsub.removeEventListener('subscription-change', onSubscription as EventListener)
    },
  }
}
