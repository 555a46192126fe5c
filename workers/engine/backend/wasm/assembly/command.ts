import { commandWords } from './operations'

/**
 * A command is 32 words: operation, shares, shares taken, shares done, and up to
 * 28 arguments (addresses, counts, strides in bytes, float32 bits).
 */
export const commandBytes: usize = 4 * commandWords

@inline export function count(command: usize, index: i32): i32 { return load<i32>(command + (<usize>index << 2), 16) }
@inline export function place(command: usize, index: i32): usize { return <usize>load<u32>(command + (<usize>index << 2), 16) }
@inline export function real(command: usize, index: i32): f32 { return load<f32>(command + (<usize>index << 2), 16) }

@inline export function least(a: i32, b: i32): i32 { return a < b ? a : b }
@inline export function most(a: i32, b: i32): i32 { return a > b ? a : b }
