import { parseEther, type Address } from 'viem'
import type { LocalArena } from '../../devnet/arena.ts'
import { cidToDigest } from '../../src/arena/cid.ts'
import { newSalt } from '../../src/arena/commitments.ts'
import { senderOf } from '../../src/chain/arena.ts'
import { openSubmission } from '../../src/chain/writes/openSubmission.ts'
import { sealSubmission } from '../../src/chain/writes/sealSubmission.ts'
import { stake } from '../../src/chain/writes/stake.ts'
import { addDirectory, pin } from '../../src/network/index.ts'

/** Stakes 100 tokens and seals a folder with the right names and the wrong bytes in round 1 of task 0. */
export async function hostileTrainer(arena: LocalArena): Promise<{ account: Address; open: () => Promise<unknown> }> {
  const writer = await arena.writer(5)
  const { node } = arena.relay
  const junk = new Uint8Array(5000).fill(0xff)
  const cid = await addDirectory(node, { 'adapter_config.json': junk, 'adapter_model.safetensors': junk })
  await pin(node, cid)
  const sealed = { taskId: 0n, round: 0, adapterDigest: cidToDigest(cid, 'dag-pb'), salt: newSalt() }
  await stake(writer, { taskId: 0n, role: 'trainer', amount: parseEther('100') })
  await sealSubmission(writer, sealed)
  return { account: senderOf(writer), open: () => openSubmission(writer, sealed) }
}
