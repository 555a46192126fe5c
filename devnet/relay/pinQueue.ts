/**
 * Announcements that wait to be fetched, fair between those who made them: each
 * peer's turn comes round whatever the others pour in, and who announced in
 * vain several times in a row is not listened to for a while.
 */
import type { Announcement } from '../../src/network/announcements.ts'

const PER_PEER = 64
const PEERS = 1000
const VAIN_LIMIT = 5
const VAIN_PAUSE = 10 * 60_000

export class PinQueue {
  readonly #waiting = new Map<string, Map<string, Announcement>>()
  readonly #vain = new Map<string, { count: number; at: number }>()

  /** @returns whether it was taken. */
  add(announcement: Announcement, now = Date.now()): boolean {
    const { peer, cid } = announcement
    const vain = this.#vain.get(peer)
    if (vain && vain.count >= VAIN_LIMIT && now - vain.at < VAIN_PAUSE) return false
    const own = this.#waiting.get(peer) ?? new Map<string, Announcement>()
    if (own.size >= PER_PEER || (!this.#waiting.has(peer) && this.#waiting.size >= PEERS)) return false
    this.#waiting.set(peer, own.set(cid, announcement))
    return true
  }

  /** The next one; its peer goes to the end of the line. */
  take(): Announcement | null {
    const first = this.#waiting.entries().next().value
    if (!first) return null
    const [peer, own] = first
    const [cid, announcement] = own.entries().next().value!
    own.delete(cid)
    this.#waiting.delete(peer)
    if (own.size > 0) this.#waiting.set(peer, own)
    return announcement
  }

  /** How it went with what a peer announced. */
  report(peer: string, isPinned: boolean, now = Date.now()): void {
    if (isPinned) {
      this.#vain.delete(peer)
      return
    }
    const count = (this.#vain.get(peer)?.count ?? 0) + 1
    this.#vain.delete(peer)
    this.#vain.set(peer, { count, at: now })
    if (this.#vain.size > PEERS) this.#vain.delete(this.#vain.keys().next().value!)
  }
}
