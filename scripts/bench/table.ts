import { CONTENDERS } from './contender.ts'
import { cpuEach, megabytes, rate, ratio, seconds } from './figures.ts'
import { type CaseResults, medianOf, type Result, timesOurs } from './results.ts'

const HEAD = [
  'server',
  'time',
  'rate',
  'server CPU',
  'database CPU',
  'peak memory',
  'time, to ours',
  'CPU, to ours',
  'load generator',
]

/** A table in Markdown with a row for each server. The last column is the share of one core that the load generator used. */
export function tableOf(one: CaseResults): string {
  const rows = one.results.map(result => rowOf(one, result))
  return [HEAD, HEAD.map(() => '---'), ...rows].map(cells => `| ${cells.join(' | ')} |`).join('\n')
}

function rowOf(one: CaseResults, result: Result): string[] {
  const name = CONTENDERS[result.contender]
  if (result.lacks) return [name, result.lacks, ...HEAD.slice(2).map(() => '')]
  const wall = medianOf(result, 'wall')
  const database = medianOf(result, 'databaseCpu')
  return [
    name,
    seconds(wall),
    rate(one.tested, wall),
    cpuEach(one.tested, medianOf(result, 'cpu')),
    result.contender === 'ours' ? cpuEach(one.tested, database) : '',
    megabytes(medianOf(result, 'peak')),
    ratio(timesOurs(one, result, 'wall')),
    ratio(timesOurs(one, result, 'cpu')),
    `${((100 * medianOf(result, 'loadCpu')) / wall).toFixed(0)} %`,
  ]
}
