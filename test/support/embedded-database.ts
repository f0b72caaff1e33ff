import { cpSync, existsSync, readFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { sql } from 'kysely'
import type { Database } from '../../src/database/database.ts'
import { openPglite } from '../../src/database/pglite-database.ts'
import { seed } from './seed.ts'
import { throwAwayDirectory } from './throw-away-directory.ts'

/** Puts a new embedded database into a data directory that has none. */
export async function seedEmbeddedDatabase(dataDir: string): Promise<void> {
  const target = join(dataDir, 'database')
  if (existsSync(target)) return
  const template = await seed('embedded', [readFileSync(import.meta.filename, 'utf8')], async draft => {
    const { db, close } = await openPglite(draft)
    // Two thirds of the files are those of databases that new ones are made from, which nobody does here.
    await sql`update pg_database set datistemplate = false`.execute(db)
    for (const name of ['template0', 'template1']) await sql`drop database ${sql.id(name)}`.execute(db)
    await close()
  })
  await mkdir(dataDir, { recursive: true })
  cpSync(join(template, 'database'), target, { recursive: true })
}

/** An embedded database of its own, in a directory that goes with this process. */
export async function openEmbeddedDatabase(): Promise<Database> {
  const dataDir = throwAwayDirectory('database')
  await seedEmbeddedDatabase(dataDir)
  return openPglite(dataDir)
}
