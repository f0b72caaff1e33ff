import { locale, say } from './locale/say.ts'

/** A formatter that is made when it is first used, because the language is chosen after this module is loaded. */
function once<T>(make: () => T): () => T {
  let made: T | undefined
  return () => (made ??= make())
}

/** `1:02:03` or `2:03`. @param seconds fractions are cut off. */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds))
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60]
  const two = (value: number) => String(value).padStart(2, '0')
  return hours ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`
}

const spokenUnit = (unit: 'hour' | 'minute' | 'second') =>
  once(() => new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'long' }))
const spoken = { hour: spokenUnit('hour'), minute: spokenUnit('minute'), second: spokenUnit('second') }

/** The same for screen readers: `1 hour 2 minutes 3 seconds`. */
export function spokenClock(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds))
  const parts = [
    ['hour', Math.floor(whole / 3600)],
    ['minute', Math.floor(whole / 60) % 60],
    ['second', whole % 60],
  ] as const
  const shown = parts.filter(([, value]) => value > 0)
  return (shown.length > 0 ? shown : ([['second', 0]] as const))
    .map(([unit, value]) => spoken[unit]().format(value))
    .join(' ')
}

/** `1.2 GB`. The units are powers of 1,000, as in file managers. */
export function size(bytes: number): string {
  const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const
  let [value, at] = [bytes, 0]
  while (value >= 1000 && at < units.length - 1) [value, at] = [value / 1000, at + 1]
  return new Intl.NumberFormat(locale, {
    style: 'unit',
    unit: units[at]!,
    unitDisplay: at === 0 ? 'long' : 'short',
    maximumFractionDigits: value < 10 && at > 1 ? 1 : 0,
  }).format(value)
}

/** `12 MB/s` */
export function speed(bytesPerSecond: number): string {
  const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte'] as const
  let [value, at] = [bytesPerSecond, 0]
  while (value >= 1000 && at < units.length - 1) [value, at] = [value / 1000, at + 1]
  return new Intl.NumberFormat(locale, {
    style: 'unit',
    unit: `${units[at]!}-per-second`,
    maximumFractionDigits: value < 10 && at > 1 ? 1 : 0,
  }).format(value)
}

/** `1.2 Mb/s`, as in the data sheets of videos. */
export function bitRate(bitsPerSecond: number): string {
  const isSmall = bitsPerSecond < 1e6
  return new Intl.NumberFormat(locale, {
    style: 'unit',
    unit: isSmall ? 'kilobit-per-second' : 'megabit-per-second',
    maximumFractionDigits: isSmall ? 0 : 1,
  }).format(bitsPerSecond / (isSmall ? 1e3 : 1e6))
}

/** `2 min left`, `1 hr 20 min left`. Seconds are rounded up to tens, so that the text does not change all the time. */
export function timeLeft(seconds: number): string {
  const unit = (value: number, name: 'hour' | 'minute' | 'second') =>
    new Intl.NumberFormat(locale, { style: 'unit', unit: name, unitDisplay: 'short' }).format(value)
  const left = (...parts: string[]) => say('{time} left', { time: parts.join(' ') })
  if (seconds <= 50) return left(unit(Math.max(10, Math.ceil(seconds / 10) * 10), 'second'))
  const minutes = Math.max(1, Math.round(seconds / 60))
  if (minutes < 60) return left(unit(minutes, 'minute'))
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60]
  if (hours >= 24 || rest === 0) return left(unit(Math.round(minutes / 60), 'hour'))
  return left(unit(hours, 'hour'), unit(rest, 'minute'))
}

/** @param value 0 to 100 */
export function percent(value: number): string {
  return new Intl.NumberFormat(locale, { style: 'percent' }).format(value / 100)
}

export function number(value: number): string {
  return new Intl.NumberFormat(locale).format(value)
}

const relative = once(() => new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }))
const dates = (options: Intl.DateTimeFormatOptions) => once(() => new Intl.DateTimeFormat(locale, options))
const thisYear = dates({ day: 'numeric', month: 'short' })
const otherYear = dates({ day: 'numeric', month: 'short', year: 'numeric' })
const exact = dates({ dateStyle: 'full', timeStyle: 'short' })

/** `5 minutes ago`, `yesterday`, `3 Mar`, `3 Mar 2024`. */
export function relativeTime(time: string, now = new Date()): string {
  const then = new Date(time)
  const minutes = Math.round((then.getTime() - now.getTime()) / 60_000)
  if (minutes >= 0) return relative().format(0, 'second')
  if (minutes > -60) return relative().format(minutes, 'minute')
  if (minutes > -24 * 60) return relative().format(Math.round(minutes / 60), 'hour')
  if (minutes > -7 * 24 * 60) return relative().format(Math.round(minutes / 60 / 24), 'day')
  return dayName(then, now)
}

/** `3 Mar`, `3 Mar 2024`. */
export function dayName(day: Date, now = new Date()): string {
  return (day.getFullYear() === now.getFullYear() ? thisYear : otherYear)().format(day)
}

export function exactTime(time: string): string {
  return exact().format(new Date(time))
}

/** `English` for `en`, in the user's language; the tag itself if the browser has no name for it. */
export function languageName(tag: string): string {
  try {
    return new Intl.DisplayNames(locale, { type: 'language' }).of(tag) ?? tag
  } catch {
    return tag
  }
}
