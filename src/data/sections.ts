/** A stretch of a document with the headings it stands under. */
export interface Section {
  /** Outermost first. */
  headings: string[]
  text: string
}

const encoder = new TextEncoder()

/**
 * Cuts a Markdown document at its headings, and what is still too long at
 * paragraphs, then at lines. Code fences are not cut at what looks like a
 * heading in them. A front matter is left out.
 *
 * @param maxBytes UTF-8 bytes that a section has at most, where its lines allow it.
 */
export function sectionsOf(markdown: string, maxBytes = 2000): Section[] {
  const body = markdown.replace(/^---\n[^]*?\n---\n/, '')
  const sections: Section[] = []
  const headings: string[] = []
  let lines: string[] = []
  let fence: string | null = null
  const flush = (): void => {
    const text = lines.join('\n').trim()
    lines = []
    for (const part of text ? pieces(text, maxBytes) : []) sections.push({ headings: headings.filter(Boolean), text: part })
  }
  for (const line of body.split('\n')) {
    const mark = /^\s*(```+|~~~+)/.exec(line)?.[1]
    if (mark && fence === null) fence = mark
    else if (mark && fence !== null && mark.startsWith(fence)) fence = null
    const heading = fence === null ? /^(#{1,6})\s+(.*?)\s*#*$/.exec(line) : null
    if (heading) {
      flush()
      const level = heading[1].length
      headings.length = Math.min(headings.length, level - 1)
      while (headings.length < level - 1) headings.push('')
      headings.push(heading[2])
    } else lines.push(line)
  }
  flush()
  return sections
}

function pieces(text: string, maxBytes: number, separators: readonly string[] = ['\n\n', '\n']): string[] {
  const [separator, ...finer] = separators
  if (size(text) <= maxBytes || separator === undefined) return [text]
  const result: string[] = []
  let current = ''
  for (const part of text.split(separator)) {
    const joined = current ? current + separator + part : part
    if (current && size(joined) > maxBytes) {
      result.push(...pieces(current, maxBytes, finer))
      current = part
    } else current = joined
  }
  if (current.trim()) result.push(...pieces(current, maxBytes, finer))
  return result
}

function size(text: string): number {
  return encoder.encode(text).length
}
