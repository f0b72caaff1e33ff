import type { OperationCost } from '../../test/support/growth/measure-operations.ts'

const WIDTH = 640
const ROW_HEIGHT = 15
const NAMES_WIDTH = 270
const TOP_HEIGHT = 30
const LEGEND_LEFT_PX = 220
const LEGEND_WIDTH_PX = 85
/** Middle tones, readable on white and on black. */
const INK = '#768390'
const COLORS = ['#6cb6ff', '#2f81f7', '#db8b2e', '#3fa45b', '#e5534b']
/** Pages at the right edge of the chart. */
const MAX_PAGES = 1_000_000

/** A dot for each size and operation, on a logarithmic scale of pages. Dots that lie on each other mean that the cost does not grow. */
export function chartOf(
  sizes: readonly number[],
  rows: readonly Pick<OperationCost, 'name' | 'pages'>[][],
): string {
  const at = (pages: number) =>
    NAMES_WIDTH + (Math.log10(Math.max(1, pages)) / Math.log10(MAX_PAGES)) * (WIDTH - NAMES_WIDTH - 20)
  const height = TOP_HEIGHT + rows.length * ROW_HEIGHT + 30
  const lines = [1, 10, 100, 1000, 10_000, 100_000].map(
    pages =>
      `<path d="M${at(pages).toFixed(1)} ${TOP_HEIGHT - 8}V${height - 22}" stroke="${INK}" opacity="0.3"/><text x="${at(pages).toFixed(1)}" y="${height - 8}" text-anchor="middle">${pages.toLocaleString('en')}</text>`,
  )
  const legend = sizes.map(
    (size, n) =>
      `<circle cx="${LEGEND_LEFT_PX + n * LEGEND_WIDTH_PX}" cy="10" r="4" fill="${COLORS[n]}"/><text x="${LEGEND_LEFT_PX + 8 + n * LEGEND_WIDTH_PX}" y="14">${size.toLocaleString('en')}</text>`,
  )
  const dots = rows.flatMap((row, n) => {
    const y = TOP_HEIGHT + n * ROW_HEIGHT
    return [
      `<text x="${NAMES_WIDTH - 12}" y="${y + 4}" text-anchor="end">${row[0]!.name}</text>`,
      ...row.map(
        ({ pages }, size) =>
          `<circle cx="${at(pages).toFixed(1)}" cy="${y}" r="${(6 - size * 1.1).toFixed(1)}" fill="${COLORS[size]}"/>`,
      ),
    ]
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="Pages touched by each operation, by size of the catalogue" font-family="system-ui, sans-serif" font-size="11" fill="${INK}">
<text x="0" y="14">pages of 8 KiB, by number of videos</text>
${[...lines, ...legend, ...dots].join('\n')}
</svg>
`
}
