/** Draws profits as bars with their confidence intervals, in SVG that reads in light and dark. */
import type { Estimate } from './profit.ts'

export interface Row {
  name: string
  side: string
  what: string
  profit: Estimate
  honest: Estimate
  difference: Estimate
}

const WIDTH = 860
const LABEL = 190
const LINE = 26
const HEAD = 58
const COLOURS: Record<string, string> = { trainer: '#3b82f6', validator: '#10b981', creator: '#f59e0b' }

export function draw(rows: readonly Row[], title: string): string {
  const values = rows.flatMap(({ profit, honest }) => [profit.mean - profit.half, profit.mean + profit.half, honest.mean])
  const low = Math.min(0, ...values)
  const high = Math.max(0.1, ...values)
  const x = (value: number) => LABEL + ((value - low) / (high - low)) * (WIDTH - LABEL - 30)
  const height = HEAD + rows.length * LINE + 24
  const at = (value: number) => x(value).toFixed(1)
  const bars = rows.map(({ name, side, profit, honest }, index) => {
    const y = HEAD + index * LINE
    const middle = y + LINE / 2
    return [
      `<text x="${LABEL - 8}" y="${middle + 4}" text-anchor="end">${escape(name)}</text>`,
      `<rect x="${Math.min(x(0), x(profit.mean)).toFixed(1)}" y="${y + 5}" width="${Math.abs(x(profit.mean) - x(0)).toFixed(1)}" height="${LINE - 10}" rx="2" fill="${COLOURS[side]}" opacity="0.75"/>`,
      `<path d="M${at(profit.mean - profit.half)} ${middle}H${at(profit.mean + profit.half)}" stroke="currentColor" stroke-width="1.5"/>`,
      `<path d="M${at(honest.mean)} ${y + 2}V${y + LINE - 2}" stroke="currentColor" stroke-width="2" stroke-dasharray="3 2"/>`,
    ].join('\n')
  })
  const step = (high - low) / 6
  const ticks = Array.from({ length: 7 }, (_, index) => low + index * step).map(value =>
    `<text x="${at(value)}" y="${height - 6}" text-anchor="middle" opacity="0.7">${(100 * value).toFixed(0)} %</text>`)
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="system-ui, sans-serif" font-size="12" fill="currentColor" color="#64748b" role="img">
<title>${escape(title)}</title>
<text x="${LABEL}" y="20" font-size="14">${escape(title)}</text>
<text x="${LABEL}" y="40">Bar: the strategy with its 95 % interval. Dashed: honest participants of the same side in the same tasks.</text>
<path d="M${at(0)} ${HEAD - 6}V${height - 20}" stroke="currentColor" opacity="0.5"/>
${bars.join('\n')}
${ticks.join('\n')}
</svg>
`
}

const escape = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
