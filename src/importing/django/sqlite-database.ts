import { open } from 'node:fs/promises'
import { DatabaseSync } from 'node:sqlite'
import { StartError } from '../../base/errors.ts'
import { type Source, Unreadable } from '../item.ts'
import { reasonOf } from '../media-folder.ts'
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

const HEADER = 'SQLite format 3\0'
/** SQLite reads the whole value for each part of it, so parts are large. */
const PART_BYTES = 64 * 1024 * 1024

/** @throws StartError if it is not a readable SQLite database. */
export async function openSqlite(path: string): Promise<OldDatabase> {
  await requireSqlite(path)
  try {
    const database = new DatabaseSync(path, { readOnly: true })
    // A single transaction does not see later writes of the application.
    database.exec('begin')
    return new SqliteDatabase(database)
  } catch (error) {
    throw new StartError(`--database: ${path} cannot be opened (${(error as Error).message}).`)
  }
}

async function requireSqlite(path: string): Promise<void> {
  const file = await open(path, 'r').catch((error: NodeJS.ErrnoException) => {
    throw new StartError(`--database: ${path} ${reasonOf(error)}.`)
  })
  try {
    if (!(await file.stat()).isFile()) throw new StartError(`--database: ${path} is not a file.`)
    const { buffer, bytesRead } = await file.read(Buffer.alloc(HEADER.length), 0, HEADER.length, 0)
    if (bytesRead === 0) throw new StartError(`--database: ${path} is empty.`)
    if (buffer.toString('latin1') !== HEADER)
      throw new StartError(
        `--database: ${path} is not an SQLite database, or it is encrypted. Decrypt it, or use a PostgreSQL server: postgres://user:password@host/database.`,
      )
  } finally {
    await file.close()
  }
}

class SqliteDatabase implements OldDatabase {
  readonly #database: DatabaseSync

  constructor(database: DatabaseSync) {
    this.#database = database
  }

  async tables(): Promise<Table[]> {
    const names = this.#all(
      `select name from sqlite_master where type = 'table' and name not like 'sqlite\\_%' escape '\\'`,
    )
    return names.map(row => this.#table(String(row['name'])))
  }

  #table(name: string): Table {
    const columns = this.#all(`pragma table_info(${quoted(name)})`)
    const keys = columns.filter(column => Number(column['pk']) > 0)
    const references = this.#all(`pragma foreign_key_list(${quoted(name)})`).map(row => ({
      column: String(row['from']),
      table: String(row['table']),
      target: String(row['to'] ?? 'id'),
    }))
    return {
      name,
      key: keys.length === 1 ? String(keys[0]!['name']) : undefined,
      columns: columns.map(row => ({ name: String(row['name']), kind: kindOf(String(row['type'])) })),
      references,
    }
  }

  async count(table: string): Promise<number> {
    return Number(this.#all(`select count(*) as n from ${quoted(table)}`)[0]!['n'])
  }

  async select(selection: Selection): Promise<Row[]> {
    return this.#all(selectSql(selection).replaceAll('$1', '?1'), selection.where?.slice(1)) as Row[]
  }

  async bytes(
    table: string,
    column: string,
    [key, value]: readonly [string, string],
  ): Promise<Source | undefined> {
    const from = `from ${quoted(table)} where ${quoted(key)} = ?1`
    const content = `cast(${quoted(column)} as blob)`
    const [row] = this.#all(`select octet_length(${content}) as n ${from}`, [value])
    if (!row?.['n']) return undefined
    const part = async (start: number) =>
      this.#all(`select substr(${content}, ${start + 1}, ${PART_BYTES}) as part ${from}`, [value])[0]?.[
        'part'
      ]
    return columnSource(column, Number(row['n']), part)
  }

  async close(): Promise<void> {
    this.#database.close()
  }

  /** @throws Unreadable if this part of the database is damaged. */
  #all(sql: string, parameters: readonly string[] = []): Record<string, unknown>[] {
    try {
      return this.#database.prepare(sql).all(...parameters)
    } catch (error) {
      throw new Unreadable(`the database cannot be read (${(error as Error).message})`)
    }
  }
}
