import type { Case } from './cases.ts'
import type { ContenderName } from './contender.ts'
import type { Measure } from './measure.ts'

/** The result of one contender in one case: the measures of its turns, or the reason why it has none. */
export interface Result {
  readonly contender: ContenderName
  readonly measures: readonly Measure[]
  readonly lacks?: string | undefined
}

export interface CaseResults {
  readonly tested: Case
  readonly results: readonly Result[]
}

/** NaN where there are no measures. */
export function medianOf({ measures }: Result, key: keyof Measure): number {
  return median(measures.map(measure => measure[key]))
}

/** NaN of nothing. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = (sorted.length - 1) / 2
  return (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle)]!) / 2
}

/** How many times as much as ours. */
export function timesOurs({ results }: CaseResults, result: Result, key: keyof Measure): number {
  const ours = results.find(({ contender }) => contender === 'ours')
  return ours ? medianOf(result, key) / medianOf(ours, key) : Number.NaN
}
