import pg from 'pg'
import { StartError } from '../../base/errors.ts'
import type { Source } from '../item.ts'
import {
  columnSource,
  kindOf,
  type OldDatabase,
  quoted,
  type Row,
  type Selection,
  selectSql,
  type Table,
} from './old-database.ts'

const PART_BYTES = 4 * 1024 * 1024
const CONNECTION_TIMEOUT_MS = 10_000

/** @throws StartError if the connection fails. */
export async function openPostgresServer(url: string): Promise<OldDatabase> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: CONNECTION_TIMEOUT_MS,
    application_name: 'longtake import',
  })
  client.on('error', () => {})
  try {
    await client.connect()
    await client.query("set timezone = 'UTC'")
    await client.query("set datestyle = 'ISO'")
    await client.query('begin isolation level repeatable read read only')
  } catch (error) {
    await client.end().catch(() => {})
    const { message, code } = error as { message?: string; code?: string }
    throw new StartError(`--database: PostgreSQL could not be opened (${message || code}).`)
  }
  return new PostgresDatabase(client)
}

const COLUMNS = `
  select c.oid::text as oid, c.relname as "table", a.attname as "column", format_type(a.atttypid, a.atttypmod) as type
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
  where c.relkind in ('r', 'p') and pg_table_is_visible(c.oid) and n.nspname not in ('pg_catalog', 'information_schema')
  order by c.relname, a.attnum`
const CONSTRAINTS = `
  select k.conrelid::text as oid, k.contype as type, f.relname as "table", a.attname as "column", b.attname as target
  from pg_constraint k left join pg_class f on f.oid = k.confrelid
  join pg_attribute a on a.attrelid = k.conrelid and a.attnum = k.conkey[1]
  left join pg_attribute b on b.attrelid = k.confrelid and b.attnum = k.confkey[1]
  where k.contype in ('p', 'f') and cardinality(k.conkey) = 1`

class PostgresDatabase implements OldDatabase {
  readonly #client: pg.Client

  constructor(client: pg.Client) {
    this.#client = client
  }

  async tables(): Promise<Table[]> {
    const columns = await this.#all(COLUMNS)
    const constraints = await this.#all(CONSTRAINTS)
    const ids = [...new Set(columns.map(row => row['oid']))]
    return ids.map(id => {
      const own = columns.filter(row => row['oid'] === id)
      const rules = constraints.filter(row => row['oid'] === id)
      return {
        name: String(own[0]!['table']),
        key: rules.find(row => row['type'] === 'p')?.['column'] as string | undefined,
        columns: own.map(row => ({ name: String(row['column']), kind: kindOf(String(row['type'])) })),
        references: rules
          .filter(row => row['type'] === 'f')
          .map(row => ({
            column: String(row['column']),
            table: String(row['table']),
            target: String(row['target']),
          })),
      }
    })
  }

  async count(table: string): Promise<number> {
    return Number((await this.#all(`select count(*) as n from ${quoted(table)}`))[0]!['n'])
  }

  async select(selection: Selection): Promise<Row[]> {
    return (await this.#all(selectSql(selection), selection.where?.slice(1))) as Row[]
  }

  async bytes(
    table: string,
    column: string,
    [key, value]: readonly [string, string],
  ): Promise<Source | undefined> {
    const from = `from ${quoted(table)} where ${quoted(key)} = $1`
    const [row] = await this.#all(`select octet_length(${quoted(column)}) as n ${from}`, [value])
    if (!row?.['n']) return undefined
    const part = async (start: number) =>
      (
        await this.#all(`select substr(${quoted(column)}, ${start + 1}, ${PART_BYTES}) as part ${from}`, [
          value,
        ])
      )[0]?.['part']
    return columnSource(column, Number(row['n']), part)
  }

  async close(): Promise<void> {
    await this.#client.end()
  }

  /** @throws StartError if the server does not respond, because then nothing more can be read. */
  async #all(sql: string, parameters: readonly string[] = []): Promise<Record<string, unknown>[]> {
    try {
      return (await this.#client.query(sql, [...parameters])).rows
    } catch (error) {
      throw new StartError(`--database: PostgreSQL could not be read (${(error as Error).message}).`)
    }
  }
}
