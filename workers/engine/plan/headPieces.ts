/** Bytes that a piece of the logits may take. */
const pieceBytes = 48 * 2 ** 20

/** Into how many pieces the vocabulary is cut so that a piece's logits, [rows, piece] float32, stay small. */
export function headPieces(vocabulary: number, rows: number): number {
  return Math.max(1, Math.ceil((vocabulary * rows * 4) / pieceBytes))
}
