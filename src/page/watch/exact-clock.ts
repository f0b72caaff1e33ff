import { clock } from '../format.ts'

/** `1:02:03.45` or `2:03.45`, to be edited. */
export function exactClock(seconds: number): string {
  const hundredths = Math.round(seconds * 100)
  return `${clock(Math.floor(hundredths / 100))}.${String(hundredths % 100).padStart(2, '0')}`
}

/** Reads `1:02:03.45`, `2:03` or `3.4`. @returns seconds; undefined if it is no time */
export function parseClock(text: string): number | undefined {
  const parts = text.trim().replace(',', '.').split(':')
  const isTime =
    parts.length <= 3 &&
    parts.every((part, at) => (at === parts.length - 1 ? /^\d+(\.\d*)?$/ : /^\d+$/).test(part))
  return isTime ? parts.reduce((sum, part) => sum * 60 + Number(part), 0) : undefined
}
