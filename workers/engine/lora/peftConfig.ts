/** PEFT's `adapter_config.json`: what is read of it, and what makes an adapter one that can't be used here. */
import { z } from 'zod'

/** An adapter that cannot be used: what is wrong with it. */
export class AdapterError extends Error {
  override readonly name = 'AdapterError'
  /** What the person can do next. */
  readonly advice: string
  constructor(message: string, advice = 'Ask its author for a plain LoRA adapter of this base model.') {
    super(message)
    this.advice = advice
  }
}

/** Largest `adapter_config.json` read, in bytes. */
const configLimit = 2 ** 20

/** Names of modules; anything else would be a regular expression, which strangers must not give us. */
const moduleName = z.string().regex(/^[\w.]{1,200}$/, 'is no plain module name')
/** Settings that change what an adapter computes, each with its name in words; an adapter that has one is refused. */
const unsupported = {
  use_dora: 'DoRA', lora_bias: 'a bias of the LoRA matrices', fan_in_fan_out: 'fan_in_fan_out', modules_to_save: 'modules_to_save',
  layer_replication: 'layer replication', trainable_token_indices: 'training of single tokens', target_parameters: 'target_parameters',
  megatron_config: 'Megatron', use_qalora: 'QALoRA', use_bdlora: 'block-diagonal LoRA', alora_invocation_tokens: 'activated LoRA',
  arrow_config: 'Arrow', kasa_config: 'KaSA', velora_config: 'VeLoRA', monteclora_config: 'MonteCLoRA',
} as const

const peftConfigSchema = z.looseObject({
  peft_type: z.literal('LORA', 'only LoRA adapters are supported'),
  base_model_name_or_path: z.string().nullish(),
  r: z.int().min(1).max(512),
  lora_alpha: z.number().positive(),
  lora_dropout: z.number().min(0).max(1).nullish(),
  use_rslora: z.boolean().nullish(),
  target_modules: z.union([z.literal('all-linear'), moduleName.transform((name) => [name]), z.array(moduleName).min(1).max(1000)]),
  rank_pattern: z.record(moduleName, z.int().min(1).max(512)).nullish(),
  alpha_pattern: z.record(moduleName, z.number().positive()).nullish(),
  bias: z.literal('none', 'trained biases are not supported').nullish(),
}).superRefine((config: Record<string, unknown>, context) => {
  for (const [key, what] of Object.entries(unsupported)) {
    if (!isEmpty(config[key])) context.addIssue({ code: 'custom', message: `${what} is not supported` })
  }
})

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === false) return true
  return typeof value === 'object' && Object.keys(value).length === 0
}

export interface PeftConfig {
  baseModel: string | null
  rsLora: boolean
  dropout: number
  /** Whether a module, e.g. `model.layers.0.self_attn.q_proj`, is adapted. */
  targets(module: string): boolean
  /** The rank and alpha of a module. */
  sizeOf(module: string): { rank: number; alpha: number }
}

/** @throws {AdapterError} */
export function parsePeftConfig(bytes: Uint8Array): PeftConfig {
  if (bytes.length > configLimit) throw new AdapterError(`adapter_config.json has ${bytes.length} bytes; ${configLimit} are more than enough.`)
  let json: unknown
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    throw new AdapterError('adapter_config.json is not JSON.')
  }
  const parsed = peftConfigSchema.safeParse(json)
  if (!parsed.success) throw new AdapterError(`adapter_config.json: ${z.prettifyError(parsed.error).replaceAll('\n', ' ')}`)
  const c = parsed.data
  const targets = c.target_modules
  return {
    baseModel: c.base_model_name_or_path ?? null,
    rsLora: c.use_rslora ?? false,
    dropout: c.lora_dropout ?? 0,
    targets: (module) => targets === 'all-linear' || targets.some((target) => matches(module, target)),
    sizeOf: (module) => ({ rank: patternFor(c.rank_pattern, module) ?? c.r, alpha: patternFor(c.alpha_pattern, module) ?? c.lora_alpha }),
  }
}

/** PEFT's rule: a name means every module that is called so or ends with `.` and it. */
function matches(module: string, name: string): boolean {
  return module === name || module.endsWith(`.${name}`)
}

function patternFor(pattern: Record<string, number> | null | undefined, module: string): number | null {
  for (const [name, value] of Object.entries(pattern ?? {})) if (matches(module, name)) return value
  return null
}

/** What PEFT 0.21 writes besides the settings that an adapter of ours has. */
export const peftDefaults = {
  alora_invocation_tokens: null, arrow_config: null, auto_mapping: null, bias: 'none', corda_config: null,
  ensure_weight_tying: false, eva_config: null, exclude_modules: null, fan_in_fan_out: false, inference_mode: true,
  init_lora_weights: true, layer_replication: null, layers_pattern: null, layers_to_transform: null, loftq_config: {},
  lora_bias: false, megatron_config: null, megatron_core: 'megatron.core', modules_to_save: null, peft_type: 'LORA',
  qalora_group_size: 16, revision: null, target_parameters: null, task_type: 'CAUSAL_LM', trainable_token_indices: null,
  use_dora: false, use_qalora: false,
} as const
