import { opHeadFinish, opHeadLoss, opHeadWeights } from '../../backend/wasm/assembly/operations.ts'
import { matrix, product, transposed } from '../linear/wasmProduct.ts'
import type { WasmKernel } from '../wasmKernel.ts'

export const headLossWasm: WasmKernel<'headLoss'> = (context) => {
  const { attrs, shapes, at, rowsAt, pick, scratch, command } = context
  const [rows, hidden] = shapes.x
  const [vocabulary] = shapes.w
  const piece = Math.ceil(vocabulary / attrs.pieces)
  const logits = scratch(rows * piece)
  const [top, sum] = [scratch(rows), scratch(rows)]
  const dx = at('dx')
  const pulled = dx && scratch(rows * hidden)
  for (let from = 0; from < vocabulary; from += piece) {
    const columns = Math.min(piece, vocabulary - from)
    const w = matrix(rowsAt('w', from, columns), hidden)
    product(context, { rows, columns, depth: hidden, left: matrix(at('x'), hidden), right: transposed(w), result: logits })
    command(opHeadWeights, rows, [logits, top, sum, pulled, rows, columns, hidden, from ? 0 : 1])
    if (pulled) {
      product(context, { rows, columns: hidden, depth: columns, left: matrix(logits, columns), right: w, result: pulled, add: from ? pulled : 0 })
    }
  }
  const own = scratch(rows * hidden)
  pick('w', at('targets'), own, rows)
  const nll = at('nll') || scratch(rows)
  command(opHeadFinish, rows, [at('x'), own, at('targets'), at('weight'), top, sum, pulled, nll, dx, rows, hidden])
  if (at('loss')) command(opHeadLoss, 1, [nll, at('weight'), at('lossIn'), at('loss'), rows])
}
