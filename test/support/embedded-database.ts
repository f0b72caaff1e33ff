import { createHash } from 'node:crypto'
import { constants, existsSync, readdirSync, readFileSync } from 'node:fs'
import { cp, mkdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { openPglite } from '../../src/database/pglite-database.ts'

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
    await (await openPglite(draft)).close()
    await rename(draft, template).catch(error => {
      if (!existsSync(template)) throw error
      return rm(draft, { recursive: true })
    })
  }
  await mkdir(dataDir, { recursive: true })
  await cp(join(template, 'database'), target, { recursive: true, mode: constants.COPYFILE_FICLONE })
}

/** What the database is made from: a change of any makes a new template. */
function recipe(): string {
  const hash = createHash('sha256').update(readFileSync(join(ROOT, 'package-lock.json')))
  for (const folder of ['migrations', 'src/database']) {
    for (const file of readdirSync(join(ROOT, folder)).sort())
      hash.update(file).update(readFileSync(join(ROOT, folder, file)))
  }
  return hash.digest('hex').slice(0, 16)
}
