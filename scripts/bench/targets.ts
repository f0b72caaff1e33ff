import type { ContenderName } from './contender.ts'
import type { Measure } from './measure.ts'
import { type CaseResults, medianOf, timesOurs } from './results.ts'

interface Target {
  readonly name: string
  /** @returns undefined where the run does not tell. */
  readonly of: (results: readonly CaseResults[]) => number | undefined
  readonly wanted: number
  readonly atMost?: boolean
  readonly unit: string
}

const TARGETS: Target[] = [
  { name: '1 GiB, time: @tus/server to ours', of: toOurs('patch', 'stock', 'wall'), wanted: 2.5, unit: '×' },
  { name: '1 GiB, CPU: @tus/server to ours', of: toOurs('patch', 'stock', 'cpu'), wanted: 2.5, unit: '×' },
  {
    name: '1 GiB, time: bare node:http to ours',
    of: toOurs('patch', 'bare', 'wall'),
    wanted: 0.9,
    unit: '×',
  },
  {
    name: '64 KiB chunks, rate: ours to @tus/server',
    of: toOurs('64k', 'stock', 'wall'),
    wanted: 2,
    unit: '×',
  },
  {
    name: '1,000 uploads at once, highest peak memory of ours',
    of: highestPeak,
    wanted: 400,
    atMost: true,
    unit: 'MB',
  },
]

/** A line for each target of which the run tells: what it is, and whether it is met or by how much it is missed. */
export function verdicts(results: readonly CaseResults[]): string[] {
  return TARGETS.flatMap(({ name, of, wanted, atMost = false, unit }) => {
    const value = of(results)
    if (value === undefined || Number.isNaN(value)) return []
    const digits = unit === 'MB' ? 0 : 2
    const short = atMost ? value - wanted : wanted - value
    const verdict = short <= 0 ? 'met' : `missed by ${short.toFixed(digits)} ${unit}`
    return `${name}: ${value.toFixed(digits)} ${unit} (${atMost ? '≤' : '≥'} ${wanted} ${unit}): ${verdict}`
  })
}

function toOurs(id: string, contender: ContenderName, key: keyof Measure) {
  return (all: readonly CaseResults[]) => {
    const one = all.find(({ tested }) => tested.id === id)
    const result = one?.results.find(candidate => candidate.contender === contender)
    return one && result && timesOurs(one, result, key)
  }
}

function highestPeak(all: readonly CaseResults[]): number | undefined {
  const one = all.find(({ tested }) => tested.id === 'thousand')
  const ours = one?.results.find(({ contender }) => contender === 'ours')
  return ours && Math.max(medianOf(ours, 'peak'), ...ours.measures.map(({ peak }) => peak))
}
