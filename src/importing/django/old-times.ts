const FORM =
  /^(\d{4})-(\d\d)-(\d\d)(?:[ T](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?\s*(Z|[+-]\d\d(?::?\d\d)?(?::?\d\d)?)?)?$/i

/**
 * Parses a time in the format of SQLite, PostgreSQL and Django (RFC 3339 with a space or `T`), or a date. A time without an offset is in
 * `timeZone`, because Django with `USE_TZ = False` writes local times.
 * @returns undefined if it is not a time.
 */
export function parseTime(text: string, timeZone: string): Date | undefined {
  const match = FORM.exec(text.trim())
  if (!match) return undefined
  const [, year, month, day, hour = '00', minute = '00', second = '00', fraction = '', offset] = match
  const utc = new Date(
    `${year}-${month}-${day}T${hour}:${minute}:${second}.${fraction.slice(0, 3).padEnd(3, '0')}Z`,
  )
  // JavaScript converts the 31st of a shorter month to a day of the next month.
  if (Number.isNaN(utc.getTime()) || utc.getUTCDate() !== Number(day)) return undefined
  if (offset === undefined) return new Date(utc.getTime() - offsetAt(utc, timeZone))
  return new Date(utc.getTime() - milliseconds(offset))
}

function milliseconds(offset: string): number {
  if (/^z$/i.test(offset)) return 0
  const [hours = '0', minutes = '0', seconds = '0'] = offset.slice(1).replaceAll(':', '').match(/\d\d/g) ?? []
  const value = (Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)
  return (offset.startsWith('-') ? -1000 : 1000) * value
}

/** The offset of a time zone from UTC in milliseconds, at the local time `local`. */
function offsetAt(local: Date, timeZone: string): number {
  // The offset at the same time in UTC is correct, except for some hours around a change of the offset.
  const first = aheadAt(local, timeZone)
  return aheadAt(new Date(local.getTime() - first), timeZone)
}

function aheadAt(moment: Date, timeZone: string): number {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    ...({ year: 'numeric', month: '2-digit', day: '2-digit' } as const),
    ...({ hour: '2-digit', minute: '2-digit', second: '2-digit' } as const),
  }).formatToParts(moment)
  const [month, day, year, hour, minute, second] = parts
    .filter(({ type }) => type !== 'literal')
    .map(({ value }) => Number(value))
  const shown = Date.UTC(year!, month! - 1, day!, hour!, minute!, second!)
  return shown - Math.floor(moment.getTime() / 1000) * 1000
}

/** Whether this is the name of a time zone. */
export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: name })
    return true
  } catch {
    return false
  }
}
