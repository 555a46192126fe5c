/** A value that can be watched; `subscribe` follows Svelte's store contract. */
export interface Observable<T> {
  /** The value now. */
  get(): T
  /** Calls back at once and after each change; the answer ends it. */
  subscribe(callback: (value: T) => void): () => void
}

/** An {@link Observable} that its owner sets. */
export class Subject<T> implements Observable<T> {
  #value: T
  readonly #callbacks = new Set<(value: T) => void>()

  constructor(value: T) {
    this.#value = value
  }

  get(): T {
    return this.#value
  }

  set(value: T): void {
    this.#value = value
    for (const callback of [...this.#callbacks]) callback(value)
  }

  subscribe(callback: (value: T) => void): () => void {
    this.#callbacks.add(callback)
    callback(this.#value)
    return () => this.#callbacks.delete(callback)
  }
}
