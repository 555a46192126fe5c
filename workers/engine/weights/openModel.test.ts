import { join } from 'node:path'
import { expect, it } from 'vitest'
import { modelFolder } from '../node/modelFolder.ts'
import { unpack } from './formats/index.ts'
import { openModel } from './openModel.ts'

const bundled = join(import.meta.dirname, '../../../public/models/stories260K')

it('opens the bundled model: configuration, every tensor, tokenizer', async () => {
  const model = await openModel(await modelFolder(bundled))
  expect(model.id).toBe('stories260K')
  expect(model.parameters).toBe(260_032)
  const names: string[] = []
  let last = [0, 0]
  for await (const [name, tensor] of model.stream({ onBytes: (...progress) => { last = progress } })) {
    names.push(name)
    expect(unpack(tensor).every(Number.isFinite)).toBe(true)
  }
  expect(names).toHaveLength(1 + 5 * 9 + 1)
  expect(last).toEqual([260_032 * 4, 260_032 * 4])
  const tokenizer = await model.tokenizer()
  expect(tokenizer.encode('Once upon a time', true)).toEqual([1, 403, 407, 261, 378])
  expect(tokenizer.decode([1, 403, 407, 261, 378], true)).toBe('Once upon a time')
})

it('refuses a model over the parameter limit before reading a tensor', async () => {
  await expect(openModel(await modelFolder(bundled), { parameterLimit: 200_000 })).rejects.toThrow(/260032 parameters, 200000 are allowed/)
})
