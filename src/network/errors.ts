import { ArenaError } from '../arena/errors.ts'

/** What every error of the network has in common: a stable `name`, what happened, and what to do. */
export class NetworkError extends ArenaError {
  override name = 'NetworkError'
}

/** No connected peer, announced holder or provider record led to a needed block in time. */
export class NotFoundAtAnyPeerError extends NetworkError {
  override name = 'NotFoundAtAnyPeerError'
  constructor(cid: string, asked: number, seconds: number, heldBlocks = 0, blocks = 0) {
    const part = blocks > 0 ? ` (${heldBlocks} of ${blocks} blocks are here already)` : ''
    super(
      `Nobody sent ${cid} within ${seconds} s: ${asked === 0 ? 'no peer is connected' : `${asked} peers were asked`}${part}.`,
      asked === 0
        ? 'Check that a relay is reachable, then try again; what has arrived is kept.'
        : 'Whoever published it has to be online, or a pinner has to hold it. Try again later; what has arrived is kept.',
    )
  }
}

/** Larger than the caller is willing to take; found before or while its bytes were taken. */
export class TooLargeError extends NetworkError {
  override name = 'TooLargeError'
  constructor(cid: string, bytes: number, maxBytes: number) {
    super(`${cid} holds ${bytes} bytes, at most ${maxBytes} are accepted here.`,
      'Do not use it. If it is your own, make it smaller (a lower rank, fewer rows) and publish it again.')
  }
}

/** None of the relays could be reached. */
export class RelayUnreachableError extends NetworkError {
  override name = 'RelayUnreachableError'
  constructor(relays: string[], seconds: number) {
    super(
      relays.length === 0 ? 'No relay is known.' : `None of ${relays.length} relays answered within ${seconds} s: ${relays.slice(0, 3).join(', ')}.`,
      'Check the connection, or run a relay with `npm run node` and add its address. The page goes on trying by itself.',
    )
  }
}

/** A CID that should name a directory names something else, or a directory that cannot be used here. */
export class NotADirectoryError extends NetworkError {
  override name = 'NotADirectoryError'
  constructor(cid: string, why: string) {
    super(`${cid} is not a directory that can be used here: ${why}.`,
      'It has to be published again as a folder of plain files, as the app does it.')
  }
}

/** A CID that should name a file names something else. */
export class NotAFileError extends NetworkError {
  override name = 'NotAFileError'
  constructor(cid: string, why: string) {
    super(`${cid} is not a file that can be used here: ${why}.`, 'Check the CID; a folder is fetched as a folder.')
  }
}

/** Bytes whose hash is not the one that their CID promises. */
export class CorruptBlockError extends NetworkError {
  override name = 'CorruptBlockError'
  constructor(cid: string, from: string) {
    super(`${from} gave bytes for ${cid} that have another hash.`,
      'The bytes were thrown away. Try again: other peers are asked first.')
  }
}

/** A DAG that breaks the rules of UnixFS, or lies about its sizes. */
export class MalformedDagError extends NetworkError {
  override name = 'MalformedDagError'
  constructor(cid: string, why: string) {
    super(`${cid} is malformed: ${why}.`, 'Do not use it; its publisher has to add it again with a sound tool.')
  }
}

/** A block that has to be in this node's own store is not there. */
export class NotHeldHereError extends NetworkError {
  override name = 'NotHeldHereError'
  constructor(cid: string) {
    super(`${cid} is not held here completely.`, 'Fetch it first, then pin or export it.')
  }
}

/** The argument is no CID that the network can use. */
export class UnusableCidError extends NetworkError {
  override name = 'UnusableCidError'
  constructor(cid: string, why: string) {
    super(`"${cid.slice(0, 80)}" cannot be used as a CID: ${why}.`, 'Use a version 1 CID with a SHA-256 hash (raw or dag-pb).')
  }
}

/** A pinning service refused, failed, or could not be reached. */
export class PinningServiceError extends NetworkError {
  override name = 'PinningServiceError'
  constructor(service: string, why: string, advice: string, options?: ErrorOptions) {
    super(`The pinning service ${service} ${why}.`, advice, options)
  }
}

/** A CAR file that cannot be read, or whose blocks are not what they say. */
export class BadCarError extends NetworkError {
  override name = 'BadCarError'
  constructor(why: string, options?: ErrorOptions) {
    super(`The CAR file cannot be taken: ${why}.`, 'Export it again, or get it from somebody else; no wrong block was kept.', options)
  }
}
