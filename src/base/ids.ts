/** The canonical form of a UUID (RFC 9562 §4) in lower case: the only form in which this service gives out ids. For `RegExp` and JSON Schema. */
export const UUID_PATTERN = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}'

const CANONICAL = new RegExp(`^${UUID_PATTERN}$`)
const ANY_CASE = new RegExp(`^${UUID_PATTERN}$`, 'i')

/** Whether a value is an id as this service writes it. */
export function isCanonicalId(value: unknown): value is string {
  return typeof value === 'string' && CANONICAL.test(value)
}

/** Whether a value is a UUID in either case (RFC 9562 §4: "on input, both are accepted"). PostgreSQL compares both as equal. */
export function isUuid(value: unknown): boolean {
  return typeof value === 'string' && ANY_CASE.test(value)
}
