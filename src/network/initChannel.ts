/**
 * Works around a race in `@libp2p/webrtc` 6.0.33. The dialing side opens a data
 * channel named `init` and waits to see it open; the other side closes it the
 * moment it arrives. On a busy machine it is closed again before the dialing
 * side looks, which then waits until its dial times out while the other side
 * believes the connection stands (measured: one dial in ten with both tabs on
 * two loaded cores). Only the dialing side needs to close the channel, so the
 * other side's close is put off here.
 */
const PUT_OFF = 5000

let isDone = false

/** Puts off closing `init` channels that the other side made; does it once per page. */
export function keepInitChannels(): void {
  if (isDone || typeof RTCPeerConnection === 'undefined') return
  isDone = true
  const own = new WeakSet<RTCDataChannel>()
  const connections = RTCPeerConnection.prototype
  const channels = RTCDataChannel.prototype
   
  const { createDataChannel } = connections
   
  const { close } = channels

  connections.createDataChannel = function (this: RTCPeerConnection, ...args: Parameters<typeof createDataChannel>) {
    const channel = createDataChannel.apply(this, args)
    own.add(channel)
    return channel
  }
  channels.close = function (this: RTCDataChannel) {
    if (this.label === 'init' && !own.has(this)) setTimeout(() => close.call(this), PUT_OFF)
    else close.call(this)
  }
}
