import pg from 'pg'
import {
  type Explained,
  type ExplainedDatabase,
  explainedDatabase,
  tablesReadWhole,
} from './explained-pool.ts'
import { addDueRows, addVideos } from './large-catalogue.ts'
import type { Operation } from './operations.ts'

const BATCH_VIDEOS = 250_000

/** What one operation cost at one size. */
export interface OperationCost {
  readonly name: string
  /** Pages of 8 KiB that its statements touched. */
  readonly pages: number
  /** Of its statements, in PostgreSQL. */
  readonly ms: number
  readonly statements: readonly Explained[]
  /** Tables of which a statement read every row. */
  readonly tablesReadWhole: readonly string[]
}

/** A catalogue on PostgreSQL that grows between measurements. */
export class GrowingCatalogue {
  readonly #client: pg.Client
  readonly #database: ExplainedDatabase
  #videos = 0

  private constructor(client: pg.Client, database: ExplainedDatabase) {
    this.#client = client
    this.#database = database
  }

  /** @param url of a migrated database without rows. */
  static async open(url: string): Promise<GrowingCatalogue> {
    const client = new pg.Client(url)
    await client.connect()
    return new GrowingCatalogue(client, await explainedDatabase(url))
  }

  /** Adds videos until there are so many. What is due is added once: it is the same at each size. */
  async growTo(videos: number): Promise<void> {
    const isLarge = videos - this.#videos > BATCH_VIDEOS
    const indexes = isLarge ? await dropIndexes(this.#client) : []
    for (let from = this.#videos; from < videos; from += BATCH_VIDEOS)
      await addVideos(this.#client, from, Math.min(videos, from + BATCH_VIDEOS))
    for (const definition of indexes) await this.#client.query(definition)
    if (this.#videos === 0) await addDueRows(this.#client)
    this.#videos = videos
    await this.#client.query('vacuum analyze')
  }

  /** Measures operations. Everything that they change is rolled back. */
  async measure(operations: readonly Operation[]): Promise<OperationCost[]> {
    const costs: OperationCost[] = []
    for (const { name, prepare } of operations)
      costs.push(costOf(name, await this.#database.explain(db => prepare(db, this.#videos))))
    return costs
  }

  /** Bytes of the database. */
  async size(): Promise<number> {
    const { rows } = await this.#client.query('select pg_database_size(current_database())::float8 as size')
    return rows[0].size
  }

  async close(): Promise<void> {
    await this.#database.close()
    await this.#client.end()
  }
}

/** Drops all indexes except those of constraints: to create them afterwards costs less. @returns their definitions. */
async function dropIndexes(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<{ name: string; definition: string }>(`
    select indexrelid::regclass::text as name, pg_get_indexdef(indexrelid) as definition
    from pg_index join pg_class on pg_class.oid = indexrelid
    where relnamespace = 'public'::regnamespace and not indisunique`)
  for (const { name } of rows) await client.query(`drop index ${name}`)
  return rows.map(({ definition }) => definition)
}

function costOf(name: string, statements: readonly Explained[]): OperationCost {
  const sum = (of: (statement: Explained) => number) => statements.reduce((total, one) => total + of(one), 0)
  return {
    name,
    statements,
    pages: sum(({ pages }) => pages),
    ms: sum(({ ms }) => ms),
    tablesReadWhole: [...new Set(statements.flatMap(tablesReadWhole))],
  }
}
