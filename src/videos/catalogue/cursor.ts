import { ApiError } from '../../base/errors.ts'
import { sha256Stream } from '../../base/hash.ts'
import { isCanonicalId } from '../../base/ids.ts'

/** A row's position in a list: the value that the list is ordered by, as text, and the row's id. */
export type Position = readonly [value: string, id: string]

/**
 * Encodes a position and a hash of the list, because a cursor would skip or repeat rows in a list with another order or selection. The hash
 * is not secret: it detects a changed cursor, and a forged cursor gives access to nothing that a valid one does not.
 * @param list everything that identifies the list, its order and its selection; undefined counts as null.
 */
export function encodeCursor(list: readonly unknown[], [value, id]: Position): string {
  const bound = [...list, value, id].map(part => part ?? null)
  const sum = sha256Stream().update(JSON.stringify(bound)).digest('base64url')
  return Buffer.from(JSON.stringify([sum, value, id])).toString('base64url')
}

/** @param isValue whether the list can have a row with this value. @throws ApiError 400 for a cursor of another list. */
export function decodeCursor(
  cursor: string,
  list: readonly unknown[],
  isValue: (value: string) => boolean,
): Position {
  try {
    const [, value, id] = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as unknown[]
    if (
      typeof value === 'string' &&
      isCanonicalId(id) &&
      isValue(value) &&
      encodeCursor(list, [value, id]) === cursor
    )
      return [value, id]
  } catch {
    // Not JSON: refused below like any other invalid cursor.
  }
  throw new ApiError(
    400,
    'invalid_cursor',
    'The cursor does not belong to this list. Start again without a cursor.',
    'cursor',
  )
}

/** Whether a value is a time as `toISOString` writes it. PostgreSQL has no year 0 and writes years after 9999 in another form. */
export function isTimeValue(value: string): boolean {
  const time = new Date(value)
  return /^(?!0000)\d{4}-/.test(value) && !Number.isNaN(time.getTime()) && time.toISOString() === value
}
