/** Bounds that keep strangers from filling the book. */
const MAX_CIDS = 4096
const MAX_HOLDERS = 32

/** Who has announced which CID, and where they can be dialed. Bounded; the oldest entries go first. */
export class HolderBook {
  readonly #book = new Map<string, Map<string, string[]>>()

  /** Notes a holder. @returns whether it is new for this CID. */
  add(cid: string, peer: string, addresses: string[]): boolean {
    const holders = this.#book.get(cid) ?? new Map<string, string[]>()
    this.#book.delete(cid)
    this.#book.set(cid, holders)
    if (this.#book.size > MAX_CIDS) this.#book.delete(this.#book.keys().next().value!)
    const isNew = !holders.has(peer)
    holders.delete(peer)
    holders.set(peer, addresses)
    if (holders.size > MAX_HOLDERS) holders.delete(holders.keys().next().value!)
    return isNew
  }

  /** Announced holders of a CID, latest first. */
  of(cid: string): { peer: string; addresses: string[] }[] {
    return [...this.#book.get(cid) ?? []].map(([peer, addresses]) => ({ peer, addresses })).reverse()
  }
}
