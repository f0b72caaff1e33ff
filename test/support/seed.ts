import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '..', '..')
const CACHE = join(import.meta.dirname, '..', '.cache')

const seeds = new Map<string, Promise<string>>()

/**
 * A directory with a database that has all tables, to be copied: making one takes seconds. What makes tables is under test in
 * `test/database`. It is made again after a change of a package, of the migrations, or of `inputs`.
 * @param make fills a directory that does not exist yet.
 */
export function seed(
  name: string,
  inputs: readonly string[],
  make: (draft: string) => Promise<void>,
): Promise<string> {
  const seeded = join(CACHE, `${name}-${recipe(inputs)}`)
  const made = seeds.get(seeded) ?? makeOnce(seeded, make)
  seeds.set(seeded, made)
  return made
}

async function makeOnce(seeded: string, make: (draft: string) => Promise<void>): Promise<string> {
  if (existsSync(seeded)) return seeded
  await mkdir(CACHE, { recursive: true })
  // Another process may make one at the same time: the first to be complete is it.
  const draft = `${seeded}.${process.pid}`
  await make(draft)
  await rename(draft, seeded).catch(error => {
    if (!existsSync(seeded)) throw error
    return rm(draft, { recursive: true })
  })
  return seeded
}

function recipe(inputs: readonly string[]): string {
  const hash = createHash('sha256').update(JSON.stringify(inputs))
  hash.update(readFileSync(join(ROOT, 'package-lock.json')))
  for (const folder of ['migrations', 'src/database']) {
    const files = readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    for (const file of files.filter(name => name.endsWith('.ts')).sort())
      hash.update(file).update(readFileSync(join(ROOT, folder, file)))
  }
  return hash.digest('hex').slice(0, 16)
}
