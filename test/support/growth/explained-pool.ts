import { Kysely, PostgresDialect, type PostgresPool } from 'kysely'
import pg from 'pg'
import type { Schema } from '../../../src/database/schema.ts'

/** A node of a plan, as EXPLAIN prints it. */
export interface PlanNode {
  readonly 'Node Type': string
  readonly 'Relation Name'?: string
  readonly Plans?: readonly PlanNode[]
  readonly 'Shared Hit Blocks': number
  readonly 'Shared Read Blocks': number
}

/** A statement that has run, and what PostgreSQL did for it. */
export interface Explained {
  readonly sql: string
  readonly plan: PlanNode
  /** Pages of 8 KiB that it touched, in memory or not: a figure without noise. */
  readonly pages: number
  readonly ms: number
}

const INT8_TYPE_CODE = 20

/** A database whose statements are explained. */
export interface ExplainedDatabase {
  /**
   * Does some work and returns the statements of its second part. All of it is rolled back, and transactions of the work are savepoints meanwhile.
   * Each statement runs under EXPLAIN ANALYZE, which is rolled back, and then for real: functions of the service run unchanged.
   */
  explain(work: (db: Kysely<Schema>) => Promise<() => Promise<unknown>>): Promise<Explained[]>
  close(): Promise<void>
}

export async function explainedDatabase(url: string): Promise<ExplainedDatabase> {
  const client = new pg.Client({
    connectionString: url,
    // As the service has it.
    options: '-c jit=off',
    types: {
      getTypeParser: (oid, format) => (oid === INT8_TYPE_CODE ? Number : pg.types.getTypeParser(oid, format)),
    },
  })
  await client.connect()
  const statements: Explained[] = []
  let queue: Promise<unknown> = Promise.resolve()
  const query = async (sql: string, values: readonly unknown[]) => {
    if (STATEMENT.test(sql)) statements.push(await explained(client, sql, [...values]))
    return client.query(SAVEPOINTS.find(([begins]) => begins.test(sql))?.[1] ?? sql, [...values])
  }
  // One after the other, because all statements share a connection.
  const inTurn = (sql: string, values: readonly unknown[]) => {
    const result = queue.then(() => query(sql, values))
    queue = result.catch(() => {})
    return result
  }
  const connection = { query: inTurn, release: () => {} }
  const pool = { connect: async () => connection, end: async () => {} } as unknown as PostgresPool
  const db = new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) })
  return {
    async explain(work) {
      await client.query('begin')
      try {
        const run = await work(db)
        statements.length = 0
        await run()
        return [...statements]
      } finally {
        await client.query('rollback')
      }
    },
    async close() {
      await db.destroy()
      await client.end()
    },
  }
}

const STATEMENT = /^\s*(select|insert|update|delete|with)\b/i
const SAVEPOINTS: readonly (readonly [RegExp, string])[] = [
  [/^(start transaction|begin)\b/i, 'savepoint work'],
  [/^commit$/i, 'release savepoint work'],
  [/^rollback$/i, 'rollback to savepoint work'],
]

/** Tables of which a statement reads every row. */
export function tablesReadWhole({ plan }: Pick<Explained, 'plan'>): string[] {
  const own = plan['Node Type'] === 'Seq Scan' ? [plan['Relation Name']!] : []
  return [...own, ...(plan.Plans ?? []).flatMap(child => tablesReadWhole({ plan: child }))]
}

async function explained(client: pg.Client, sql: string, values: unknown[]): Promise<Explained> {
  await client.query('savepoint explained')
  const { rows } = await client.query(`explain (analyze, buffers, format json) ${sql}`, values)
  await client.query('rollback to savepoint explained')
  const [{ Plan: plan, 'Execution Time': ms }] = rows[0]['QUERY PLAN'] as [
    { Plan: PlanNode; 'Execution Time': number },
  ]
  return { sql, plan, pages: plan['Shared Hit Blocks'] + plan['Shared Read Blocks'], ms }
}
