// The pages that statements of timers and requests touch in catalogues of different sizes, on PostgreSQL.
import { statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { GrowingCatalogue, type OperationCost } from '../../test/support/growth/measure-operations.ts'
import { REQUEST_OPERATIONS, TIMER_OPERATIONS } from '../../test/support/growth/operations.ts'
import type { Postgres } from '../../test/support/postgres.ts'
import { chartOf } from './growth-chart.ts'

/** Catalogue sizes of a full run, in videos. */
const SIZES = [1000, 10_000, 100_000, 1_000_000, 10_000_000]
/** Space on the disk that a video takes while its catalogue is filled. */
const BYTES_PER_VIDEO = 6000

/** @param scale 1 for a full run. @returns Markdown and the chart. */
export async function benchGrowth(
  postgres: Postgres,
  scale: number,
): Promise<{ readonly text: string; readonly chart: string }> {
  const catalogue = await GrowingCatalogue.open(await postgres.createDatabase())
  const disk = statfsSync(tmpdir())
  const sizes = SIZES.map(size => Math.round(size * scale)).filter(
    size => size * BYTES_PER_VIDEO < disk.bavail * disk.bsize,
  )
  const columns: OperationCost[][] = []
  const bytes: number[] = []
  for (const size of sizes) {
    await catalogue.growTo(size)
    bytes.push(await catalogue.size())
    columns.push(await catalogue.measure([...TIMER_OPERATIONS, ...REQUEST_OPERATIONS]))
    console.error(`${size} videos measured`)
  }
  await catalogue.close()
  return growthReport(sizes, columns, bytes)
}

/** @param columns the costs at each size. @param bytes of the database at each size. */
export function growthReport(
  sizes: readonly number[],
  columns: readonly OperationCost[][],
  bytes: readonly number[],
): { readonly text: string; readonly chart: string } {
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
