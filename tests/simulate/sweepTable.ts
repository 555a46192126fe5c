/** The sweep as tables, and drawn: a small chart per parameter. */
import { table } from './document.ts'
import { percent } from './profit.ts'
import type { Measure, Swept } from './sweep.ts'

/** @returns one table per parameter; the default in bold. */
export function sweepTables(swept: readonly Swept[]): string {
  return swept.map(({ parameter, rows }) => table(
    [parameter.name, ...parameter.measures.map(({ name, wanted }) => `${name} (wanted: ${wanted})`)],
    rows.map(({ value, estimates }) => {
      const cells = [String(value), ...estimates.map(percent)]
      return value === parameter.chosen ? cells.map(cell => `**${cell}**`) : cells
    }),
  )).join('\n\n')
}

const WIDTH = 430
const HEIGHT = 190
const PLOT = { left: 46, right: 12, top: 26, bottom: 56 }
const COLOURS = ['#3b82f6', '#10b981', '#f59e0b', '#ef4444']
const COLUMNS = 2

/** SVG that reads in light and dark. Values stand at even distances: they are steps, not a scale. */
export function drawSweep(swept: readonly Swept[]): string {
  const charts = swept.map((one, index) => `<g transform="translate(${(index % COLUMNS) * WIDTH} ${Math.floor(index / COLUMNS) * HEIGHT})">${chart(one)}</g>`)
  const height = Math.ceil(swept.length / COLUMNS) * HEIGHT
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${COLUMNS * WIDTH} ${height}" font-family="system-ui, sans-serif" font-size="11" fill="currentColor" color="#64748b" role="img">
<title>Profit per unit of stake by parameter</title>
${charts.join('\n')}
</svg>
`
}

function chart({ parameter, rows }: Swept): string {
  const all = rows.flatMap(({ estimates }) => estimates.flatMap(({ mean, half }) => [mean - half, mean + half]))
  const low = Math.min(0, ...all)
  const high = Math.max(0.01, ...all)
  const x = (index: number) => PLOT.left + ((WIDTH - PLOT.left - PLOT.right) * (index + 0.5)) / rows.length
  const y = (value: number) => PLOT.top + (HEIGHT - PLOT.top - PLOT.bottom) * (1 - (value - low) / (high - low))
  const chosen = rows.findIndex(({ value }) => value === parameter.chosen)
  const lines = parameter.measures.map((measure, m) => {
    const points = rows.map(({ estimates }, index) => ({ at: x(index), ...estimates[m]! }))
    const bars = points.map(({ at, mean, half }) => `M${at.toFixed(1)} ${y(mean - half).toFixed(1)}V${y(mean + half).toFixed(1)}`).join('')
    const line = points.map(({ at, mean }, index) => `${index ? 'L' : 'M'}${at.toFixed(1)} ${y(mean).toFixed(1)}`).join('')
    return `<path d="${line}${bars}" fill="none" stroke="${COLOURS[m]}" stroke-width="1.6"/>${legend(measure, m)}`
  })
  const ticks = [low, 0, high].map(value => `<text x="${PLOT.left - 4}" y="${(y(value) + 4).toFixed(1)}" text-anchor="end">${(100 * value).toFixed(0)} %</text>`)
  const labels = rows.map(({ value }, index) => `<text x="${x(index).toFixed(1)}" y="${HEIGHT - PLOT.bottom + 14}" text-anchor="middle"${index === chosen ? ' font-weight="bold"' : ''}>${value}</text>`)
  return [
    `<text x="${PLOT.left}" y="14" font-size="13">${parameter.name}</text>`,
    `<rect x="${(x(chosen) - 14).toFixed(1)}" y="${PLOT.top}" width="28" height="${HEIGHT - PLOT.top - PLOT.bottom}" opacity="0.12"/>`,
    `<path d="M${PLOT.left} ${y(0).toFixed(1)}H${WIDTH - PLOT.right}" stroke="currentColor" opacity="0.5"/>`,
    ...lines, ...ticks, ...labels,
  ].join('\n')
}

const legend = ({ name }: Measure, index: number): string => {
  const left = PLOT.left + (index % 2) * 190
  const top = HEIGHT - PLOT.bottom + 30 + Math.floor(index / 2) * 14
  return `<path d="M${left} ${top - 4}h14" stroke="${COLOURS[index]}" stroke-width="2"/><text x="${left + 18}" y="${top}">${name}</text>`
}
