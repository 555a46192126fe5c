import type { WasmKernel } from '../wasmKernel.ts'

export const embedWasm: WasmKernel<'embed'> = ({ shapes, at, pick }) => pick('table', at('ids'), at('x'), shapes.ids[0])
