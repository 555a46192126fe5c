import { parseCid } from '../cid.ts'
import { PinningServiceError } from '../errors.ts'
import { client, pinResultsSchema, request, type PinningService, type ServicePinStatus } from './service.ts'

/** What a service holds or is about to hold: all of it (the latest thousand), or one CID. */
export async function servicePins(
  service: PinningService, options: { cid?: string; signal?: AbortSignal } = {},
): Promise<ServicePinStatus[]> {
  const { cid, signal } = options
  if (cid !== undefined) parseCid(cid)
  const answer = await request(service, signal, init => client(service).pinsGet({
    limit: 1000, status: ['queued', 'pinning', 'pinned', 'failed'] as never, ...(cid === undefined ? {} : { cid: [cid] as never }),
  }, init))
  const result = pinResultsSchema.safeParse(answer)
  if (!result.success) {
    throw new PinningServiceError(service.name, 'gave an answer that is not of the Pinning Service API', 'Check its address.')
  }
  return result.data.results
}

/** Ends every pin of a CID at a service. */
export async function unpinAtService(service: PinningService, cid: string, options: { signal?: AbortSignal } = {}): Promise<void> {
  const { signal } = options
  for (const { requestid } of await servicePins(service, { ...options, cid })) {
    await request(service, signal, init => client(service).pinsRequestidDelete({ requestid }, init))
  }
}
