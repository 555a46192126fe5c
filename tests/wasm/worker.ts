import { WasmExecutor } from '../../workers/engine/plan/execute/wasm.ts'
import { threeSteps } from './threeSteps.ts'

globalThis.postMessage(await threeSteps(await WasmExecutor.open({ threads: 2 })))
