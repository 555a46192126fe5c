import type { ScoreMessage } from '../arena/scoreMessages.ts'
import type { Announcement } from './announcements.ts'
import type { ArenaNode } from './arenaNode.ts'
import { parseCid } from './cid.ts'

/**
 * Tells a task's peers that this node holds a CID, now and whenever somebody
 * joins or asks; pinners that hear it may take it too.
 *
 * @param taskId Letters, digits and `:._-`, up to 160.
 * @param bytes Content bytes, so that pinners can judge it before they fetch.
 */
export function announce(node: ArenaNode, taskId: string, cid: string, bytes = 0): void {
  parseCid(cid)
  node.announcements.announce(taskId, cid, bytes)
}

/** Stops telling that this node holds a CID. */
export function withdraw(node: ArenaNode, taskId: string, cid: string): void {
  node.announcements.withdraw(taskId, cid)
}

/** Calls back for what a task's peers announce; returns the way to end it. */
export function watchAnnouncements(node: ArenaNode, taskId: string, callback: (announcement: Announcement) => void): () => void {
  return node.announcements.watch(taskId, callback)
}

/** Passes a validator's seal or reveal, or that they are coming, to the task's peers who listen now. */
export function tellScores(node: ArenaNode, taskId: string, message: ScoreMessage): void {
  node.announcements.tellScores(taskId, message)
}

/** Calls back for what the task's validators say of their scores; returns the way to end it. They are well-formed, no more. */
export function hearScores(node: ArenaNode, taskId: string, callback: (message: ScoreMessage) => void): () => void {
  return node.announcements.hearScores(taskId, callback)
}
