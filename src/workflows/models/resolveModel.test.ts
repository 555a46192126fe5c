import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parseModelAddress, resolveModel } from './modelAddress.ts'

const index = JSON.stringify({ weight_map: { a: 'model-00001-of-00002.safetensors', b: 'model-00002-of-00002.safetensors', c: 'model-00001-of-00002.safetensors' } })
const files: Record<string, string> = {
  '/whole/config.json': '{}', '/whole/tokenizer.json': '{}', '/whole/model.safetensors': 'x', '/whole/chat_template.jinja': 'x',
  '/sharded/config.json': '{}', '/sharded/tokenizer.json': '{}', '/sharded/tokenizer_config.json': '{}', '/sharded/model.safetensors.index.json': index,
  '/hostile/config.json': '{}', '/hostile/tokenizer.json': '{}', '/hostile/model.safetensors.index.json': JSON.stringify({ weight_map: { a: '../secret' } }),
  '/gguf-only/tiny.gguf': 'GGUF', '/bin/config.json': '{}', '/bin/tokenizer.json': '{}', '/bin/pytorch_model.bin': 'x',
}
let server: Server
let host = ''
beforeAll(async () => {
  server = createServer((request, response) => {
    const body = files[request.url!]
    if (request.url!.startsWith('/gated/')) response.writeHead(403).end()
    // Like the host of a single-page app: any other path is its page.
    else if (request.url!.startsWith('/app/')) response.writeHead(200, { 'content-type': 'text/html' }).end('<html>')
    else if (body === undefined) response.writeHead(404).end()
    else response.writeHead(request.headers.range ? 206 : 200).end(body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  host = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => server.close())

const names = async (path: string) => (await resolveModel(parseModelAddress(host + path))).files.map(({ name }) => name)

test('a folder with one weight file, a sharded one, a single GGUF file', async () => {
  expect(await names('/whole/')).toEqual(['config.json', 'tokenizer.json', 'chat_template.jinja', 'model.safetensors'])
  expect(await names('/sharded')).toEqual([
    'config.json', 'tokenizer.json', 'tokenizer_config.json', 'model.safetensors.index.json', 'model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors',
  ])
  expect(await names('/gguf-only/tiny.gguf')).toEqual(['model.gguf'])
})

test('what cannot be used is refused with the reason', async () => {
  await expect(names('/gguf-only/')).rejects.toThrow('There is no config.json')
  await expect(names('/app/')).rejects.toThrow('There is no config.json')
  await expect(names('/bin/')).rejects.toThrow('no safetensors')
  await expect(names('/gated/')).rejects.toThrow('needs a login')
  await expect(names('/hostile/')).rejects.toThrow('is not a list of weight files')
  await expect(resolveModel(parseModelAddress('http://127.0.0.1:9/x/'))).rejects.toThrow('does not answer')
})
