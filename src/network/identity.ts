/**
 * One identity per tab. The key lies in IndexedDB, so that a tab is the same
 * peer after a reload; a second tab of the same profile must not be that peer
 * at the same time, and takes a passing key of its own instead.
 */
import { loadOrCreateSelfKey } from '@libp2p/config'
import { generateKeyPair } from '@libp2p/crypto/keys'
import type { PrivateKey } from '@libp2p/interface'
import type { Datastore } from 'interface-datastore'

export interface Identity {
  privateKey: PrivateKey
  /** Whether this is the identity that stays; a second tab's is not. */
  isLasting: boolean
  release(): void
}

/** A reloading tab's lock may be freed a moment after the new page asks for it. */
const LOCK_TRIES = 8
const LOCK_PAUSE = 150

function tryLock(name: string): Promise<(() => void) | null> {
  const { promise, resolve } = Promise.withResolvers<(() => void) | null>()
  navigator.locks.request(name, { ifAvailable: true }, lock => {
    if (lock === null) return resolve(null)
    return new Promise<void>(release => resolve(release))
  }).catch(() => resolve(null))
  return promise
}

export async function takeIdentity(name: string, datastore: Datastore): Promise<Identity> {
  for (let attempt = 0; attempt < LOCK_TRIES; attempt++) {
    const release = await tryLock(`lanista-identity-${name}`)
    if (release) return { privateKey: await loadOrCreateSelfKey(datastore), isLasting: true, release }
    await new Promise(resolve => setTimeout(resolve, LOCK_PAUSE))
  }
  return { privateKey: await generateKeyPair('Ed25519'), isLasting: false, release: () => undefined }
}
