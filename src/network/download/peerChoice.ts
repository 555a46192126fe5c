/**
 * Which peer to ask for the next block. Peers that have given blocks come
 * first, slow ones later, those that lied never; each is asked for as many
 * blocks at a time as it has shown to manage.
 */
const MOST_IN_FLIGHT = 8
const FIRST_IN_FLIGHT = 4
/** Milliseconds to wait for a peer's answer: before anything is known of it, and at least and at most. */
const FIRST_WAIT = 8000
const SHORTEST_WAIT = 2500
const LONGEST_WAIT = 60_000
/** A block this many times slower than the peer's usual is given up. */
const PATIENCE = 5
/** How long a "don't have" holds: the peer may be downloading the same file. */
const MISS_HOLDS = 3000

interface Record {
  inFlight: number
  window: number
  wait: number
  /** Running mean of its answers' milliseconds. */
  pace: number
  served: number
  silences: number
  banned: boolean
  misses: Map<string, number>
}

export class PeerChoice {
  readonly #peers = new Map<string, Record>()

  #of(peer: string): Record {
    let record = this.#peers.get(peer)
    if (!record) {
      record = {
        inFlight: 0, window: FIRST_IN_FLIGHT, wait: FIRST_WAIT, pace: 0, served: 0, silences: 0, banned: false, misses: new Map(),
      }
      this.#peers.set(peer, record)
    }
    return record
  }

  /** The best of the connected peers for a block, or null when none should be asked now. */
  choose(connected: string[], digest: string, now = Date.now()): string | null {
    let best: string | null = null
    let bestCost = Infinity
    for (const peer of connected) {
      const record = this.#of(peer)
      const free = !record.banned && record.inFlight < record.window && (record.misses.get(digest) ?? -Infinity) + MISS_HOLDS <= now
      // Lower is better: silence weighs most, then load; a peer that never served comes after one that did.
      const cost = record.silences * 100 + record.inFlight + (record.served > 0 ? 0 : 50) + Math.random() * 0.5
      if (free && cost < bestCost) {
        best = peer
        bestCost = cost
      }
    }
    return best
  }

  /** Peers that have not (lately) said that they lack the block; whether any is left to wait for. */
  isPromising(connected: string[], digest: string, now = Date.now()): boolean {
    return connected.some(peer => {
      const record = this.#of(peer)
      return !record.banned && (record.misses.get(digest) ?? -Infinity) + MISS_HOLDS <= now
    })
  }

  /** Milliseconds to wait for this peer's answer. */
  wait(peer: string): number {
    return this.#of(peer).wait
  }

  begin(peer: string): void {
    this.#of(peer).inFlight += 1
  }

  end(peer: string): void {
    this.#of(peer).inFlight -= 1
  }

  gave(peer: string): void {
    const record = this.#of(peer)
    record.served += 1
    record.silences = 0
    record.window = Math.min(record.window + 1, MOST_IN_FLIGHT)
  }

  /** It took so many milliseconds to send a block. */
  took(peer: string, milliseconds: number): void {
    const record = this.#of(peer)
    record.pace = record.pace === 0 ? milliseconds : 0.7 * record.pace + 0.3 * milliseconds
    record.wait = Math.min(Math.max(PATIENCE * record.pace, SHORTEST_WAIT), LONGEST_WAIT)
  }

  missed(peer: string, digest: string, now = Date.now()): void {
    this.#of(peer).misses.set(digest, now)
  }

  /** No answer in time: a slow link, or a lost message. Ask for less at once, and wait longer. */
  silent(peer: string): void {
    const record = this.#of(peer)
    record.silences += 1
    record.window = Math.max(1, record.window >> 1)
    record.wait = Math.min(record.wait * 2, LONGEST_WAIT)
  }

  /** It sent bytes that were not what was asked for. */
  ban(peer: string): void {
    this.#of(peer).banned = true
  }

  get asked(): number {
    return this.#peers.size
  }

  get banned(): string[] {
    return [...this.#peers].filter(([, record]) => record.banned).map(([peer]) => peer)
  }
}
