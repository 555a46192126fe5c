/**
 * Pinning at any service that speaks the IPFS Pinning Service API.
 * @see https://ipfs.github.io/pinning-services-api-spec/
 */
import { Configuration, RemotePinningServiceClient } from '@ipfs-shipyard/pinning-service-client'
import { z } from 'zod'
import { isCid } from '../../arena/cid.ts'
import { PinningServiceError } from '../errors.ts'

/** How to reach a service; the token stays on this device. */
export const pinningServiceSchema = z.strictObject({
  name: z.string().trim().min(1).max(60),
  endpoint: z.url({ protocol: /^https?$/ }).max(400).refine(
    text => text.startsWith('https:') || /^http:\/\/(127\.0\.0\.1|localhost|\[::1\])[:/]/.test(`${text}/`),
    'must be https, or this machine',
  ),
  token: z.string().max(2000),
})
export type PinningService = z.infer<typeof pinningServiceSchema>

/** What a service answers about one pin; anything else is refused. */
const pinStatusSchema = z.object({
  requestid: z.string().min(1).max(300),
  status: z.enum(['queued', 'pinning', 'pinned', 'failed']),
  created: z.date(),
  pin: z.object({ cid: z.string().max(120), name: z.string().max(300).nullish() }),
  delegates: z.array(z.string().max(400)).max(50),
  info: z.record(z.string().max(200), z.string().max(1000)).nullish(),
})
export const pinResultsSchema = z.object({
  count: z.int().min(0),
  results: z.preprocess(results => (results instanceof Set ? [...results as Set<unknown>] : results), z.array(pinStatusSchema).max(1000)),
})
export type ServicePinStatus = z.infer<typeof pinStatusSchema>

export function parsePinStatus(service: PinningService, answer: unknown): ServicePinStatus {
  const result = pinStatusSchema.safeParse(answer)
  if (!result.success || !isCid(result.data.pin.cid)) {
    throw new PinningServiceError(service.name, 'gave an answer that is not of the Pinning Service API', 'Check its address.')
  }
  return result.data
}

export function client(service: PinningService): RemotePinningServiceClient {
  const { endpoint, token } = pinningServiceSchema.parse(service)
  return new RemotePinningServiceClient(new Configuration({ endpointUrl: endpoint.replace(/\/$/, ''), accessToken: token }))
}

const ADVICE: Record<number, string> = {
  401: 'Check the access token.',
  403: 'The token may not do this; make one that may pin.',
  404: 'Check the address: the one to which the service adds /pins.',
  409: 'The account has reached its limits at the service.',
}

const REQUEST_TIMEOUT = 30_000

/** Runs one request; what the client throws becomes a PinningServiceError. */
export async function request<T>(
  service: PinningService, signal: AbortSignal | undefined, call: (init: { signal: AbortSignal }) => Promise<T>,
): Promise<T> {
  const timeout = AbortSignal.timeout(REQUEST_TIMEOUT)
  try {
    return await call({ signal: signal ? AbortSignal.any([signal, timeout]) : timeout })
  } catch (cause) {
    if (signal?.aborted) throw signal.reason
    if (cause instanceof Response) {
      throw new PinningServiceError(service.name, `answered ${cause.status} ${cause.statusText}`.trim(),
        ADVICE[cause.status] ?? 'Try again later, or use another service.')
    }
    throw new PinningServiceError(service.name, 'could not be reached',
      'Check its address, the connection, and that it allows requests from web pages (CORS).', { cause })
  }
}
