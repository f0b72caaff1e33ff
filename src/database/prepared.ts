import type { CompiledQuery } from 'kysely'
import type { Db } from './schema.ts'

/** The names of all prepared statements, by their text. */
const names = new Map<string, string>()

/** Stands for a value that differs in each run. */
class Placeholder {
  readonly key: PropertyKey

  constructor(key: PropertyKey) {
    this.key = key
  }
}

/** A query, or a statement in SQL. */
interface Statement<Row> {
  compile(db: Db): CompiledQuery<Row>
}

/**
 * A statement that this process compiles once, and that PostgreSQL parses and plans once for each connection. That takes longer than a small
 * statement itself. Use it for statements that have only one sensible plan. The statement must name the columns that it returns: after
 * `returning *`, open connections would reject it once a migration has added a column.
 */
export function prepared<Values extends object, Row>(
  name: string,
  build: (db: Db, value: <Key extends keyof Values>(key: Key) => Values[Key]) => Statement<Row>,
): (db: Db, values: Values) => Promise<Row[]> {
  let compiled: CompiledQuery<Row> | undefined
  return async (db, values) => {
    if (!compiled) {
      compiled = build(db, key => new Placeholder(key) as never).compile(db)
      names.set(compiled.sql, name)
    }
    const parameters = compiled.parameters.map(parameter =>
      parameter instanceof Placeholder ? values[parameter.key as keyof Values] : parameter,
    )
    return (await db.executeQuery<Row>({ ...compiled, parameters })).rows
  }
}

/** @returns undefined if `text` is not a prepared statement. */
export function preparedName(text: string): string | undefined {
  return names.get(text)
}
