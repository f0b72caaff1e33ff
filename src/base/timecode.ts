/**
 * A time of WebVTT or SRT, `hh:mm:ss` and milliseconds; the hours may have more than two digits.
 * @param ms a whole number of milliseconds. @param separator before the milliseconds: a full stop in WebVTT, a comma in SRT.
 */
export function timecode(ms: number, separator: '.' | ',' = '.'): string {
  const pad = (value: number, width: number) => String(Math.floor(value)).padStart(width, '0')
  const clock = [ms / 3_600_000, (ms / 60_000) % 60, (ms / 1000) % 60].map(part => pad(part, 2)).join(':')
  return `${clock}${separator}${pad(ms % 1000, 3)}`
}
