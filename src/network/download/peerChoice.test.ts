import { expect, test } from 'vitest'
import { PeerChoice } from './peerChoice.ts'

test('a peer that served is asked before one that never did, until its hands are full', () => {
  const choice = new PeerChoice()
  choice.gave('good')
  for (let count = 0; count < 5; count++) {
    expect(choice.choose(['new', 'good'], 'x')).toBe('good')
    choice.begin('good')
  }
  expect(choice.choose(['new', 'good'], 'x')).toBe('new')
})

test('a "do not have" holds for a while, for that block alone', () => {
  const choice = new PeerChoice()
  choice.missed('a', 'x', 1000)
  expect(choice.choose(['a'], 'x', 2000)).toBeNull()
  expect(choice.isPromising(['a'], 'x', 2000)).toBe(false)
  expect(choice.choose(['a'], 'y', 2000)).toBe('a')
  expect(choice.choose(['a'], 'x', 4000)).toBe('a')
})

test('a silent peer is asked last, for less, and is given longer', () => {
  const choice = new PeerChoice()
  choice.gave('a')
  choice.took('a', 100)
  expect(choice.wait('a')).toBe(2500)
  choice.silent('a')
  expect(choice.wait('a')).toBe(5000)
  expect(choice.choose(['a', 'b'], 'x')).toBe('b')
  choice.begin('a')
  choice.begin('a')
  expect(choice.choose(['a'], 'x')).toBeNull()
})

test('the wait follows a slow link', () => {
  const choice = new PeerChoice()
  choice.took('slow', 6000)
  expect(choice.wait('slow')).toBe(30_000)
  choice.took('slow', 60_000)
  expect(choice.wait('slow')).toBe(60_000)
})

test('a peer that lied is not asked again', () => {
  const choice = new PeerChoice()
  choice.gave('liar')
  choice.ban('liar')
  expect(choice.choose(['liar'], 'x')).toBeNull()
  expect(choice.banned).toEqual(['liar'])
})
