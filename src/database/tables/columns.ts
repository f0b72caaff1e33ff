import type { ColumnType } from 'kysely'

/** A column that has a default: an insert may omit it, an update may set it. */
export type Defaulted<T> = ColumnType<T, T | undefined, T>

/** A timestamp with a default. It is read as a Date, and may be written as a string in RFC 3339. */
export type Time = ColumnType<Date, Date | string | undefined, Date | string>
