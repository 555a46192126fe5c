/**
 * How much of a growing text may be shown: not a stop string, not the beginning
 * of one, and not a character whose last bytes are still to come.
 *
 * @returns where a stop string begins (null: nowhere), and how far the text is safe to show.
 */
export function heldBack(text: string, stops: readonly string[]): { stopAt: number | null; safe: number } {
  const found = stops.filter(Boolean).map((stop) => text.indexOf(stop)).filter((at) => at >= 0)
  if (found.length) return { stopAt: Math.min(...found), safe: Math.min(...found) }
  let safe = text.length
  while (safe > 0 && text[safe - 1] === '\uFFFD') safe--
  for (const stop of stops) {
    for (let length = Math.min(stop.length - 1, text.length); length > 0; length--) {
      if (text.endsWith(stop.slice(0, length))) {
        safe = Math.min(safe, text.length - length)
        break
      }
    }
  }
  return { stopAt: null, safe }
}
