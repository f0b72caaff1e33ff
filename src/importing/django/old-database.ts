import { type Source, Unreadable } from '../item.ts'

export type ColumnKind = 'text' | 'bytes' | 'integer' | 'boolean' | 'time' | 'other'

export interface Column {
  readonly name: string
  readonly kind: ColumnKind
}

export interface Reference {
  readonly column: string
  readonly table: string
  /** The referenced column. */
  readonly target: string
}

export interface Table {
  readonly name: string
  /** The primary key, if it is a single column. */
  readonly key: string | undefined
  readonly columns: readonly Column[]
  readonly references: readonly Reference[]
}

/** Values in the text format of the database. Times of PostgreSQL are in UTC. */
export type Row = Readonly<Record<string, string | null>>

export interface Selection {
  readonly table: string
  readonly columns: readonly string[]
  /** A column and its value as text. */
  readonly where?: readonly [column: string, value: string]
  /** Columns, in ascending order. Rows without a value are first. */
  readonly orderBy?: readonly string[]
}

/** The database of an old application. It is only read, in one consistent snapshot. */
export interface OldDatabase {
  tables(): Promise<Table[]>
  count(table: string): Promise<number>
  select(selection: Selection): Promise<Row[]>
  /** The content of a column. @returns undefined if the row has none. */
  bytes(table: string, column: string, where: readonly [string, string]): Promise<Source | undefined>
  close(): Promise<void>
}

/**
 * A source that reads a column in parts.
 * @param size of the column in bytes. @param readPart returns the bytes at an offset, as many as it likes.
 */
export function columnSource(
  column: string,
  size: number,
  readPart: (start: number) => Promise<unknown>,
): Source {
  return {
    size: async () => size,
    async *read() {
      for (let at = 0; at < size; ) {
        const bytes = await readPart(at)
        if (!(bytes instanceof Uint8Array) || bytes.byteLength === 0)
          throw new Unreadable(`its column ${column} cannot be read`)
        at += bytes.byteLength
        yield bytes
      }
    },
  }
}

export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** A statement for SQLite and PostgreSQL. Its only parameter is the value of `where`. */
export function selectSql({ table, columns, where, orderBy = [] }: Selection): string {
  // With the table's name, because the bare name would mean the text in the select list, which sorts differently.
  const own = (column: string) => `${quoted(table)}.${quoted(column)}`
  const list = columns.map(column => `cast(${own(column)} as text) as ${quoted(column)}`)
  const condition = where ? ` where ${own(where[0])} = $1` : ''
  const order = orderBy.map(column => `${own(column)} is not null, ${own(column)}`)
  return `select ${list.join(', ')} from ${quoted(table)}${condition}${order.length > 0 ? ` order by ${order.join(', ')}` : ''}`
}

/** The kind of a column, by its declared type. */
export function kindOf(declared: string): ColumnKind {
  const type = declared.toLowerCase()
  if (/blob|bytea/.test(type)) return 'bytes'
  if (/bool/.test(type)) return 'boolean'
  if (/int|serial/.test(type)) return 'integer'
  if (/date|time/.test(type)) return 'time'
  return /char|text|uuid/.test(type) ? 'text' : 'other'
}
