// What the statements of timers and requests touch in catalogues of different sizes, on PostgreSQL.
import { GrowingCatalogue, type OperationCost } from '../../test/support/growth/measure-operations.ts'
import { REQUEST_OPERATIONS, TIMER_OPERATIONS } from '../../test/support/growth/operations.ts'
import type { Postgres } from '../../test/support/postgres.ts'

/** Catalogue sizes of a full run, in videos. */
const SIZES = [10_000, 100_000, 1_000_000]

const WIDTH = 640
const ROW_HEIGHT = 15
const NAMES_WIDTH = 270
const TOP = 30
/** Middle tones, readable on white and on black. */
const INK = '#768390'
const COLORS = ['#6cb6ff', '#2f81f7', '#db8b2e', '#3fa45b']
/** Pages at the right edge of the chart. */
const MAX_PAGES = 1_000_000

/** @param scale 1 for a full run. @returns Markdown and the chart. */
export async function benchGrowth(
  postgres: Postgres,
  scale: number,
): Promise<{ readonly text: string; readonly chart: string }> {
  const catalogue = await GrowingCatalogue.open(await postgres.createDatabase())
  const sizes = SIZES.map(size => Math.round(size * scale))
  const columns: OperationCost[][] = []
  const bytes: number[] = []
  for (const size of sizes) {
    await catalogue.growTo(size)
    bytes.push(await catalogue.size())
    columns.push(await catalogue.measure([...TIMER_OPERATIONS, ...REQUEST_OPERATIONS]))
    console.error(`${size} videos measured`)
  }
  await catalogue.close()
  const rows = columns[0]!.map((_, n) => columns.map(column => column[n]!))
  const table = (title: string, some: OperationCost[][]) => `| ${title} | ${sizes.map(videos).join(' | ')} |
| --- | ${sizes.map(() => '---').join(' | ')} |
${some.map(row => `| ${row[0]!.name} | ${row.map(figure).join(' | ')} |`).join('\n')}`
  const timers = TIMER_OPERATIONS.length
  return {
    text: `${table('timer', rows.slice(0, timers))}

${table('request', rows.slice(timers))}

The databases take ${bytes.map(size => `${(size / 1e9).toFixed(2)} GB`).join(', ')}.`,
    chart: chartOf(sizes, rows),
  }
}

function videos(count: number): string {
  return `${count.toLocaleString('en')} videos`
}

function figure({ pages, ms }: OperationCost): string {
  return `${pages.toLocaleString('en')} (${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms)`
}

/** A dot for each size and operation, on a logarithmic scale of pages. Dots that lie on each other mean that the cost does not grow. */
function chartOf(sizes: readonly number[], rows: readonly OperationCost[][]): string {
  const at = (pages: number) =>
    NAMES_WIDTH + (Math.log10(Math.max(1, pages)) / Math.log10(MAX_PAGES)) * (WIDTH - NAMES_WIDTH - 20)
  const height = TOP + rows.length * ROW_HEIGHT + 30
  const lines = [1, 10, 100, 1000, 10_000, 100_000].map(
    pages =>
      `<path d="M${at(pages).toFixed(1)} ${TOP - 8}V${height - 22}" stroke="${INK}" opacity="0.3"/><text x="${at(pages).toFixed(1)}" y="${height - 8}" text-anchor="middle">${pages.toLocaleString('en')}</text>`,
  )
  const legend = sizes.map(
    (size, n) =>
      `<circle cx="${NAMES_WIDTH + n * 120}" cy="10" r="4" fill="${COLORS[n]}"/><text x="${NAMES_WIDTH + 8 + n * 120}" y="14">${videos(size)}</text>`,
  )
  const dots = rows.flatMap((row, n) => {
    const y = TOP + n * ROW_HEIGHT
    return [
      `<text x="${NAMES_WIDTH - 12}" y="${y + 4}" text-anchor="end">${row[0]!.name}</text>`,
      ...row.map(
        ({ pages }, size) =>
          `<circle cx="${at(pages).toFixed(1)}" cy="${y}" r="${6 - size * 1.4}" fill="${COLORS[size]}"/>`,
      ),
    ]
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="Pages touched by each operation, by size of the catalogue" font-family="system-ui, sans-serif" font-size="11" fill="${INK}">
<text x="0" y="14">pages of 8 KiB</text>
${[...lines, ...legend, ...dots].join('\n')}
</svg>
`
}
