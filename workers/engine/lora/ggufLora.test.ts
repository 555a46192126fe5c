import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { configFromHuggingFace } from '../model/configFromHuggingFace.ts'
import { readGgufHeader } from '../weights/gguf/header.ts'
import { writeGguf } from '../weights/gguf/write.ts'
import { bytesSource } from '../weights/source.ts'
import { freshAdapter } from './adapter.ts'
import type { Adapter } from './adapter.ts'
import { exportGgufLora } from './ggufExport.ts'
import { importGgufLora } from './ggufImport.ts'
import { layoutOfSettings } from './layout.ts'
import { loraSettingsSchema } from './settings.ts'

const config = configFromHuggingFace(JSON.parse(readFileSync(join(import.meta.dirname, '../../../public/models/stories260K/config.json'), 'utf8')))
const adapterOf = (settings: object): Adapter => {
  const adapter = freshAdapter(layoutOfSettings(config, loraSettingsSchema.parse(settings)), 5)
  for (const { offsetB, out, rank } of adapter.layout.modules) for (let i = 0; i < out * rank; i++) adapter.b[offsetB + i] = Math.sin(i)
  return adapter
}

describe('GGUF LoRA adapters', () => {
  it.each([{ rank: 4, alpha: 8, targetModules: 'all-linear' }, { rank: 8, alpha: 16, targetModules: ['q_proj', 'v_proj'], rsLora: true }])('come back as they were written: %j', async (settings) => {
    const adapter = adapterOf(settings)
    const back = await importGgufLora(exportGgufLora(adapter, config, 'x'), config)
    expect(back.a).toEqual(adapter.a)
    expect(back.b).toEqual(adapter.b)
    back.layout.modules.forEach(({ name, rank, scale }, i) => {
      expect({ name, rank }).toEqual({ name: adapter.layout.modules[i].name, rank: adapter.layout.modules[i].rank })
      // Alpha is a float32 in the file.
      expect(scale).toBeCloseTo(adapter.layout.modules[i].scale, 6)
    })
  })

  it('are named and marked as llama.cpp wants them', async () => {
    const { metadata, tensors } = await readGgufHeader(bytesSource(exportGgufLora(adapterOf({ rank: 4, alpha: 8, targetModules: ['q_proj'] }), config, 'x'), 'x'))
    expect(Object.fromEntries(metadata)).toEqual({ 'general.architecture': 'llama', 'general.type': 'adapter', 'general.name': 'x', 'adapter.type': 'lora', 'adapter.lora.alpha': 8 })
    expect(tensors.get('blk.4.attn_q.weight.lora_a')).toMatchObject({ shape: [4, 64], format: 'f32' })
    expect(tensors.get('blk.4.attn_q.weight.lora_b')).toMatchObject({ shape: [64, 4] })
  })

  const fields = {
    'general.architecture': { type: 'string', value: 'llama' }, 'general.type': { type: 'string', value: 'adapter' },
    'adapter.type': { type: 'string', value: 'lora' }, 'adapter.lora.alpha': { type: 'f32', value: 8 },
  } as const
  const tensor = (...shape: number[]) => ({ shape, data: new Float32Array(shape.reduce((a, b) => a * b)) })
  const a = 'blk.0.attn_q.weight.lora_a'
  const b = 'blk.0.attn_q.weight.lora_b'
  it.each([
    ['no adapter', writeGguf({ ...fields, 'general.type': { type: 'string', value: 'model' } }, new Map()), /no LoRA adapter/],
    ['another architecture', writeGguf({ ...fields, 'general.architecture': { type: 'string', value: 'qwen2' } }, new Map()), /for architecture "qwen2"/],
    ['alpha NaN', writeGguf({ ...fields, 'adapter.lora.alpha': { type: 'f32', value: NaN } }, new Map()), /alpha is NaN/],
    ['nothing', writeGguf(fields, new Map()), /one matrix B for each A/],
    ['a missing B', writeGguf(fields, new Map([[a, tensor(4, 64)]])), /lacks blk\.0\.attn_q\.weight\.lora_b/],
    ['a missing A', writeGguf(fields, new Map([[b, tensor(64, 4)]])), /one matrix B for each A/],
    ['a wrong shape', writeGguf(fields, new Map([[a, tensor(4, 64)], [b, tensor(64, 5)]])), /\[64, 5\], \[64, 4\] is needed/],
    ['an unknown layer', writeGguf(fields, new Map([['blk.9.attn_q.weight.lora_a', tensor(4, 64)]])), /no LoRA matrix of this base/],
    ['NaN', writeGguf(fields, new Map([[a, tensor(4, 64)], [b, { shape: [64, 4], data: new Float32Array(256).fill(NaN) }]])), /not finite/],
    ['a truncated file', writeGguf(fields, new Map([[a, tensor(4, 64)], [b, tensor(64, 4)]])).slice(0, -8), /truncated/],
    ['no GGUF', new Uint8Array(100), /no GGUF/],
  ] as [string, Uint8Array, RegExp][])('are refused with the reason: %s', async (_, bytes, reason) => {
    await expect(importGgufLora(bytes, config)).rejects.toMatchObject({ name: 'AdapterError', message: expect.stringMatching(reason) })
  })
})
