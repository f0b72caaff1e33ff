import { type Item, parseDictionary, parseItem } from 'structured-headers'

/** Structured fields (RFC 9651). Parameters are ignored: none of the fields here defines any. */

/** @returns undefined if the value is not a boolean: "Other values MUST cause the entire header field to be ignored." */
export function parseBoolean(value: string | undefined): boolean | undefined {
  const item = itemOf(value)
  return typeof item === 'boolean' ? item : undefined
}

/** A non-negative integer of at most 15 digits. @returns undefined if the value is not such an integer; the field is then ignored. */
export function parseInteger(value: string | undefined): number | undefined {
  const item = itemOf(value)
  // The parser returns 5 for `5.0`, which is a decimal (§3.3.2).
  const isInteger = typeof item === 'number' && /^\s*\d+\s*(;|$)/.test(value ?? '')
  return isInteger ? item : undefined
}

export function formatBoolean(value: boolean): string {
  return value ? '?1' : '?0'
}

/** The members of a dictionary, without their parameters. @returns undefined if the value is not a dictionary. */
export function parseMembers(value: string): Map<string, unknown> | undefined {
  try {
    return new Map([...parseDictionary(value)].map(([name, [member]]) => [name, member]))
  } catch {
    return undefined
  }
}

function itemOf(value: string | undefined): Item[0] | undefined {
  if (value === undefined) return undefined
  try {
    return parseItem(value)[0]
  } catch {
    return undefined
  }
}
