import { StartError } from '../../base/errors.ts'
import { type Found, type Import, Unreadable } from '../item.ts'
import { findTables, type TableChoices } from './find-tables.ts'
import type { OldDatabase } from './old-database.ts'
import { type RowDeps, rowsOf } from './old-rows.ts'
import { openSqlite } from './sqlite-database.ts'
import { describePlan } from './table-plan.ts'

/**
 * Imports the data of a Django application: videos, and recordings with their chunks.
 * @param location of the database: an SQLite file, or the URL of a PostgreSQL server.
 * @throws StartError if nothing can be read, or if it is unclear which tables to use.
 */
export async function openDjango(
  location: string,
  deps: Omit<RowDeps, 'database'>,
  choices: TableChoices,
): Promise<Import> {
  const database = await openDatabase(location)
  try {
    const plans = await findTables(database, choices)
    const used = [plans.videos, plans.recordings].filter(plan => plan !== undefined)
    const findings: string[] = []
    let count = 0
    for (const plan of [...used, ...(plans.chunks ? [plans.chunks] : [])]) {
      const rows = await database.count(plan.table.name)
      findings.push(describePlan(plan, rows))
      if (plan !== plans.chunks) count += rows
    }
    if (plans.chunks)
      findings.push(
        `${plans.chunks.table.name}.${plans.chunks.parent.column} names ${plans.chunks.parent.table}.${plans.chunks.parent.target}; chunks are joined by ${plans.chunks.roles.order ?? 'the order in which they were received'}`,
      )
    if (plans.others.length > 0) findings.push(`not imported: tables ${plans.others.join(', ')}`)
    findings.push(
      `time zone of times without an offset: ${deps.timeZone} (--time-zone)`,
      `media folder: ${deps.media.path}`,
    )
    async function* found(): AsyncGenerator<Found> {
      for (const plan of used) yield* rowsOf({ ...deps, database }, plans, plan)
    }
    return { findings, count, found, close: () => database.close() }
  } catch (error) {
    await database.close()
    throw error instanceof Unreadable ? new StartError(`--database: ${error.message}.`) : error
  }
}

async function openDatabase(location: string): Promise<OldDatabase> {
  const [, scheme] = /^([a-z][a-z0-9+.-]+):\/\//i.exec(location) ?? []
  if (scheme === undefined) return openSqlite(location)
  if (/^postgres(ql)?$/i.test(scheme))
    return (await import('./postgres-database.ts')).openPostgresServer(location)
  if (/^sqlite$/i.test(scheme)) return openSqlite(location.replace(/^sqlite:\/\//i, ''))
  throw new StartError(
    `--database: ${scheme} is not supported. Use an SQLite file or postgres://user:password@host/database.`,
  )
}
