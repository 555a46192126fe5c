import type { Metrics, Stream, StreamMessageEvent } from '@libp2p/interface'

const nothing = { increment() {}, decrement() {}, update() {}, reset() {}, observe() {}, timer: () => () => {} }

/**
 * The part of libp2p's metrics that the page shows: bytes over all streams.
 * Everything else that libp2p would measure is left out.
 */
export class ByteMeter implements Metrics {
  in = 0
  out = 0

  trackMultiaddrConnection(): void {}

  /** Streams, not connections: over WebRTC each stream is a data channel of its own. */
  trackProtocolStream(stream: Stream): void {
    // A listener of our own would make the stream give out data before its handler listens.
    const dispatch = stream.dispatchEvent.bind(stream)
    stream.dispatchEvent = event => {
      if (event.type === 'message') this.in += (event as StreamMessageEvent).data.byteLength
      return dispatch(event)
    }
    const send = stream.send.bind(stream)
    stream.send = data => {
      this.out += data.byteLength
      return send(data)
    }
  }

  registerMetric(): typeof nothing { return nothing }
  registerMetricGroup(): typeof nothing { return nothing }
  registerCounter(): typeof nothing { return nothing }
  registerCounterGroup(): typeof nothing { return nothing }
  registerHistogram(): typeof nothing { return nothing }
  registerHistogramGroup(): typeof nothing { return nothing }
  registerSummary(): typeof nothing { return nothing }
  registerSummaryGroup(): typeof nothing { return nothing }
  traceFunction<F>(_name: string, call: F): F { return call }
  createTrace(): undefined { return undefined }
}
