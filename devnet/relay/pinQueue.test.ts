import { expect, test } from 'vitest'
import { PinQueue } from './pinQueue.ts'

const from = (peer: string, cid: string) => ({ taskId: 't', cid, peer, bytes: 1 })

test('peers take turns, and each has a bound', () => {
  const queue = new PinQueue()
  const taken = Array.from({ length: 100 }, (_, index) => queue.add(from('loud', `l${index}`)))
  expect(taken.filter(Boolean)).toHaveLength(64)
  queue.add(from('quiet', 'q0'))
  expect([queue.take(), queue.take(), queue.take()].map(entry => entry!.cid)).toEqual(['l0', 'q0', 'l1'])
})

test('the same announcement waits once', () => {
  const queue = new PinQueue()
  queue.add(from('a', 'x'))
  queue.add(from('a', 'x'))
  expect(queue.take()!.cid).toBe('x')
  expect(queue.take()).toBeNull()
})

test('who announces in vain is left alone for ten minutes', () => {
  const queue = new PinQueue()
  for (let count = 0; count < 5; count++) queue.report('a', false, 1000)
  expect(queue.add(from('a', 'x'), 2000)).toBe(false)
  expect(queue.add(from('a', 'x'), 1000 + 10 * 60_000)).toBe(true)
  queue.report('a', true)
  expect(queue.add(from('a', 'y'), 3000)).toBe(true)
})
