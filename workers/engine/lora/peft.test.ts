import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { missingReference, referencePath } from '../../../tests/helpers/reference.ts'
import type { AdapterFiles } from '../../protocol.ts'
import { configFromHuggingFace } from '../model/configFromHuggingFace.ts'
import { readSafetensorsHeader, writeSafetensors } from '../weights/safetensors.ts'
import { bytesSource } from '../weights/source.ts'
import { freshAdapter } from './adapter.ts'
import { layoutOfSettings } from './layout.ts'
import { exportPeft, peftTensors } from './peftExport.ts'
import { importPeft } from './peftImport.ts'
import { loraSettingsSchema } from './settings.ts'

const config = configFromHuggingFace(JSON.parse(readFileSync(join(import.meta.dirname, '../../../public/models/stories260K/config.json'), 'utf8')))
const adapterOf = (settings: object) => {
  const adapter = freshAdapter(layoutOfSettings(config, loraSettingsSchema.parse(settings)), 5)
  adapter.b.fill(0.5)
  return adapter
}
const adapter = adapterOf({ rank: 4, alpha: 8, targetModules: ['q_proj', 'v_proj'] })
const options = { baseModel: 'stories260K', dropout: 0, rsLora: false }
const files = exportPeft(adapter, options)
const json = (bytes: Uint8Array) => JSON.parse(new TextDecoder().decode(bytes))
const withConfig = (change: object): AdapterFiles => ({ ...files, 'adapter_config.json': new TextEncoder().encode(JSON.stringify({ ...json(files['adapter_config.json']), ...change })) })
const withTensors = (change: (tensors: ReturnType<typeof peftTensors>) => void): AdapterFiles => {
  const tensors = peftTensors(adapter)
  change(tensors)
  return { ...files, 'adapter_model.safetensors': writeSafetensors(tensors) }
}
const first = 'base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight'

describe('PEFT adapters', () => {
  it.each([
    { rank: 4, alpha: 8, targetModules: ['q_proj', 'v_proj'] },
    { rank: 8, alpha: 16, targetModules: 'all-linear', rsLora: true },
    { rank: 2, alpha: 3, targetModules: ['model.layers.1.mlp.down_proj'] },
  ])('come back as they were written: %j', async (settings) => {
    const adapter = adapterOf(settings)
    const rsLora = 'rsLora' in settings
    const back = await importPeft(exportPeft(adapter, { ...options, rsLora }), config)
    expect([...peftTensors(back.adapter)]).toEqual([...peftTensors(adapter)])
    expect(back.adapter.layout.modules.map(({ scale }) => scale)).toEqual(adapter.layout.modules.map(({ scale }) => scale))
    expect(back).toMatchObject({ baseModel: 'stories260K', rsLora })
  })

  const recorded = ['qv-r4', 'all-r8-rslora-decay-clip-cosine']
  const folder = referencePath('models', 'stories260K', 'trajectories')
  it.skipIf(!folder).each(recorded)(folder ? 'that PEFT wrote are read and written back byte for byte: %s' : missingReference('models', 'stories260K'), async (name) => {
    const read = (file: keyof AdapterFiles) => new Uint8Array(readFileSync(join(folder!, name, 'final', file)))
    const theirs: AdapterFiles = { 'adapter_config.json': read('adapter_config.json'), 'adapter_model.safetensors': read('adapter_model.safetensors') }
    const { adapter, rsLora, dropout } = await importPeft(theirs, config)
    const ours = exportPeft(adapter, { baseModel: 'stories260K', rsLora, dropout })
    expect(Buffer.compare(ours['adapter_model.safetensors'], theirs['adapter_model.safetensors'])).toBe(0)
    const [a, b] = [json(ours['adapter_config.json']), json(theirs['adapter_config.json'])]
    a.target_modules.sort()
    b.target_modules.sort()
    expect(b).toMatchObject(a)
  })

  it.each([
    ['another method', withConfig({ peft_type: 'IA3' }), /only LoRA/],
    ['DoRA', withConfig({ use_dora: true }), /DoRA is not supported/],
    ['trained biases', withConfig({ bias: 'lora_only' }), /trained biases are not supported/],
    ['saved modules', withConfig({ modules_to_save: ['lm_head'] }), /modules_to_save/],
    ['a regular expression', withConfig({ target_modules: '(a+)+$' }), /target_modules/],
    ['a rank that is not the matrices\'', withConfig({ r: 5 }), /has shape \[4, 64\], \[5, 64\] is needed/],
    ['an immense rank', withConfig({ r: 1e9 }), /<=512/],
    ['matrices that its config does not name', withConfig({ target_modules: ['q_proj'] }), /target_modules do not name/],
    ['no JSON', { ...files, 'adapter_config.json': new Uint8Array([1, 2]) }, /not JSON/],
    ['a missing matrix', withTensors((t) => t.delete(first)), /lacks matrix A of model\.layers\.0\.self_attn\.q_proj/],
    ['an unknown layer', withTensors((t) => { t.set(first.replace('.0.', '.99.'), t.get(first)!); t.set(first.replace('.0.', '.99.').replace('_A', '_B'), t.get(first.replace('_A', '_B'))!) }), /no linear layer of this base/],
    ['a tensor of another kind', withTensors((t) => t.set('lm_head.weight', { shape: [1], data: new Float32Array(1) })), /no LoRA matrix/],
    ['NaN', withTensors((t) => t.set(first, { shape: [4, 64], data: new Float32Array(256).fill(NaN) })), /not finite/],
    ['nothing', withTensors((t) => t.clear()), /no matrices/],
    ['a truncated file', { ...files, 'adapter_model.safetensors': files['adapter_model.safetensors'].slice(0, -4) }, /truncated/],
  ] as [string, AdapterFiles, RegExp][])('are refused with the reason: %s', async (_, files, reason) => {
    await expect(importPeft(files, config)).rejects.toMatchObject({ name: 'AdapterError', message: expect.stringMatching(reason) })
  })

  it('are refused over the parameter limit', async () => {
    await expect(importPeft(files, config, 1000)).rejects.toThrow(/4480 parameters, 1000 are allowed/)
  })

  it('are written in the order and alignment of the format', async () => {
    const { tensors, metadata } = await readSafetensorsHeader(bytesSource(files['adapter_model.safetensors'], 'x'))
    expect([...tensors.keys()]).toEqual([...tensors.keys()].sort())
    expect([...tensors.values()][0].offset % 8).toBe(0)
    expect(metadata).toEqual({ format: 'pt' })
  })
})
