import { CONTENDERS, type ContenderName } from './contender.ts'
import { cpuEach, megabytes, seconds } from './figures.ts'
import { type CaseResults, medianOf, type Result } from './results.ts'

const NAMES_WIDTH = 150
const BAR_WIDTH = 120
const ROW_HEIGHT = 18
const TITLE_HEIGHT = 26
const GAP_HEIGHT = 14
const TOP_HEIGHT = 34
const WIDTH = 850

/** Middle tones, to be read on white and on black. */
const INK = '#768390'
const COLORS: Readonly<Record<ContenderName, string>> = {
  ours: '#2f81f7',
  embedded: '#6cb6ff',
  stock: '#db8b2e',
  bare: '#8b949e',
  nginx: '#3fa45b',
}

const COLUMNS = [
  {
    title: 'time',
    x: NAMES_WIDTH,
    value: (r: Result) => medianOf(r, 'wall'),
    label: (v: number) => seconds(v),
  },
  {
    title: 'server CPU (paler: database)',
    x: 360,
    value: (r: Result) => medianOf(r, 'cpu'),
    more: (r: Result) => medianOf(r, 'databaseCpu'),
    label: (v: number, one: CaseResults) => cpuEach(one.tested, v),
  },
  {
    title: 'peak memory',
    x: 650,
    value: (r: Result) => medianOf(r, 'peak'),
    label: (v: number) => megabytes(v),
  },
] as const

/** An SVG of bars: a block a case, a row a server; each block's longest bar fills its column. Shorter is better. */
export function chartOf(all: readonly CaseResults[]): string {
  let y = TOP_HEIGHT
  const parts = COLUMNS.map(({ title, x }) => text(x, 16, title, 'font-weight="600"'))
  parts.push(text(0, 16, 'shorter is better', 'font-style="italic"'))
  for (const one of all) {
    parts.push(text(0, y + 14, one.tested.name, 'font-weight="600"'))
    y += TITLE_HEIGHT
    for (const result of one.results) {
      parts.push(text(NAMES_WIDTH - 10, y + 12, CONTENDERS[result.contender], 'text-anchor="end"'))
      if (result.lacks) parts.push(text(NAMES_WIDTH, y + 12, result.lacks, 'font-style="italic"'))
      else parts.push(...COLUMNS.map(column => bar(one, result, column, y)))
      y += ROW_HEIGHT
    }
    y += GAP_HEIGHT
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y}" width="${WIDTH}" height="${y}" role="img" aria-label="Uploads side by side" font-family="system-ui, sans-serif" font-size="12" fill="${INK}">
${parts.join('\n')}
</svg>
`
}

function bar(one: CaseResults, result: Result, column: (typeof COLUMNS)[number], y: number): string {
  const more = (r: Result) => ('more' in column ? column.more(r) : 0)
  const longest = Math.max(...one.results.filter(r => !r.lacks).map(r => column.value(r) + more(r)))
  const length = (value: number) => (longest > 0 ? (value / longest) * BAR_WIDTH : 0)
  const value = column.value(result)
  const [first, second] = [Math.max(1, length(value)), length(more(result))]
  const { x } = column
  const color = COLORS[result.contender]
  return [
    rectangle(x, y, first, color),
    second > 0 ? rectangle(x + first, y, second, color, ' opacity="0.45"') : '',
    text(x + first + second + 5, y + 12, column.label(value, one)),
  ].join('')
}

function rectangle(x: number, y: number, width: number, color: string, more = ''): string {
  return `<rect x="${x.toFixed(1)}" y="${y + 2}" width="${width.toFixed(1)}" height="${ROW_HEIGHT - 5}" rx="2" fill="${color}"${more}/>`
}

function text(x: number, y: number, content: string, more = ''): string {
  return `<text x="${x.toFixed(1)}" y="${y}" ${more}>${content.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</text>`
}
