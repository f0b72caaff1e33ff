import { createHash } from 'node:crypto'
import { cpSync, existsSync, readdirSync, readFileSync } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { sql } from 'kysely'
import type { Database } from '../../src/database/database.ts'
import { openPglite } from '../../src/database/pglite-database.ts'
import { throwAwayDirectory } from './throw-away-directory.ts'

const ROOT = join(import.meta.dirname, '..', '..')
const CACHE = join(import.meta.dirname, '..', '.cache')

/**
 * Puts a new embedded database into a data directory that has none. It is made once and copied, because making one takes seconds;
 * what makes it is under test in `test/database`.
 */
export async function seedEmbeddedDatabase(dataDir: string): Promise<void> {
  const target = join(dataDir, 'database')
  if (existsSync(target)) return
  const template = join(CACHE, `embedded-${recipe()}`)
  if (!existsSync(template)) {
    const draft = `${template}.${process.pid}`
    const { db, close } = await openPglite(draft)
    // Two thirds of the files are those of databases that new ones are made from, which nobody does here.
    await sql`update pg_database set datistemplate = false`.execute(db)
    for (const name of ['template0', 'template1']) await sql`drop database ${sql.id(name)}`.execute(db)
    await close()
    await rename(draft, template).catch(error => {
      if (!existsSync(template)) throw error
      return rm(draft, { recursive: true })
    })
  }
  await mkdir(dataDir, { recursive: true })
  cpSync(join(template, 'database'), target, { recursive: true })
}

/** An embedded database of its own, in a directory that goes with this process. */
export async function openEmbeddedDatabase(): Promise<Database> {
  const dataDir = throwAwayDirectory('database')
  await seedEmbeddedDatabase(dataDir)
  return openPglite(dataDir)
}

/** What the database is made from: a change of any makes a new template. */
function recipe(): string {
  const hash = createHash('sha256').update(readFileSync(join(ROOT, 'package-lock.json')))
  hash.update(readFileSync(import.meta.filename))
  for (const folder of ['migrations', 'src/database']) {
    for (const file of readdirSync(join(ROOT, folder)).sort())
      hash.update(file).update(readFileSync(join(ROOT, folder, file)))
  }
  return hash.digest('hex').slice(0, 16)
}
