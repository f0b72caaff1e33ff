import type { Case } from './cases.ts'

const GiB = 1024 ** 3
const MiB = 1024 ** 2

/** Two digits that count, without an exponent. */
export function short(value: number): string {
  return String(Number(value.toPrecision(2)))
}

export function seconds(value: number): string {
  return value < 1 ? `${short(value * 1000)} ms` : `${value.toFixed(2)} s`
}

/** The work of a second. */
export function rate({ amount }: Case, wall: number): string {
  if ('bytes' in amount) return `${(amount.bytes / MiB / wall).toFixed(0)} MiB/s`
  return amount.requests === 1 ? '' : `${(amount.requests / wall).toFixed(0)} /s`
}

/** CPU time for each GiB, or for each of what is counted. */
export function cpuEach({ amount }: Case, cpu: number): string {
  if ('bytes' in amount) return `${((cpu / amount.bytes) * GiB).toFixed(2)} s/GiB`
  const each = cpu / amount.requests
  return `${each < 1 ? `${short(each * 1000)} ms` : `${short(each)} s`}/${amount.of}`
}

export function megabytes(value: number): string {
  return `${value.toFixed(0)} MB`
}

export function ratio(value: number): string {
  return Number.isNaN(value) ? '' : `${value < 1 ? value.toFixed(2) : short(value)} ×`
}
