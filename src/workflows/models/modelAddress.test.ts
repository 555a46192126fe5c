import { expect, test } from 'vitest'
import { filesInWords, modelFromFiles, parseModelAddress } from './modelAddress.ts'

test('ids and addresses of the hub, of single files and of folders', () => {
  const base = 'https://huggingface.co/HuggingFaceTB/SmolLM2-135M-Instruct/resolve/main/'
  const id = 'HuggingFaceTB/SmolLM2-135M-Instruct'
  for (const text of [id, ` ${id} `, `https://huggingface.co/${id}`, `https://huggingface.co/${id}/tree/main`]) expect(parseModelAddress(text)).toEqual({ id, base })
  expect(parseModelAddress('Qwen/Qwen2.5-0.5B-Instruct-GGUF/qwen2.5-0.5b-instruct-q4_0.gguf')).toEqual({
    id: 'Qwen/Qwen2.5-0.5B-Instruct-GGUF/qwen2.5-0.5b-instruct-q4_0.gguf',
    file: 'https://huggingface.co/Qwen/Qwen2.5-0.5B-Instruct-GGUF/resolve/main/qwen2.5-0.5b-instruct-q4_0.gguf',
  })
  expect(parseModelAddress('https://huggingface.co/a/b/blob/v2/x.gguf?download=true')).toEqual({ id: 'a/b/x.gguf', file: 'https://huggingface.co/a/b/resolve/v2/x.gguf' })
  expect(parseModelAddress('https://host.example/files/tiny.gguf')).toEqual({ id: 'tiny', file: 'https://host.example/files/tiny.gguf' })
  for (const text of ['https://host.example/models/tiny', 'https://host.example/models/tiny/', 'https://host.example/models/tiny/config.json']) {
    expect(parseModelAddress(text)).toEqual({ id: 'tiny', base: 'https://host.example/models/tiny/' })
  }
})

test('what is no address is refused with advice', () => {
  for (const text of ['', 'SmolLM2', 'ftp://host/model.gguf', 'a/b/c/d']) expect(() => parseModelAddress(text)).toThrow('is no address of a model')
})

test('files that a person chose', () => {
  const file = (path: string) => ({ path, content: new Blob(['x']) })
  expect(modelFromFiles([file('tiny.gguf'), file('README.md')])).toMatchObject({ id: 'tiny', files: [{ name: 'model.gguf' }] })
  const folder = modelFromFiles(['config.json', 'tokenizer.json', 'weights.safetensors', 'README.md'].map((name) => file(`Tiny/${name}`)))
  expect(folder.id).toBe('Tiny')
  expect(folder.files.map(({ name }) => name)).toEqual(['config.json', 'tokenizer.json', 'model.safetensors'])
  expect([['Tiny/config.json', 'Tiny/model.safetensors'], ['tiny.gguf'], ['config.json', 'tokenizer.json'], ['a', 'b', 'c']].map((paths) => filesInWords(paths.map(file))))
    .toEqual(['folder Tiny', 'tiny.gguf', 'config.json and 1 more file', 'a and 2 more files'])
  expect(() => modelFromFiles([file('config.json')])).toThrow('No tokenizer.json')
  expect(() => modelFromFiles([file('a.gguf'), file('b.gguf')])).toThrow('2 GGUF files')
})
