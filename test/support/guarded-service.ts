import type { Kysely } from 'kysely'
import { createKey } from '../../src/access/api-keys.ts'
import { openPostgres } from '../../src/database/pg-database.ts'
import { openPglite } from '../../src/database/pglite-database.ts'
import type { Schema } from '../../src/database/schema.ts'
import type { Scope } from '../../src/database/tables/access.ts'
import { seedEmbeddedDatabase } from './embedded-database.ts'
import { recordedLog } from './recorded-log.ts'
import { type Service, startService } from './service.ts'
import { throwAwayDirectory } from './throw-away-directory.ts'

export interface Holder {
  readonly owner: string
  readonly scopes: readonly Scope[]
}

/**
 * A service with AUTH=api_key, and a key for each holder as the headers that it is sent in.
 * @param seed puts rows into the database before the service starts.
 */
export async function startGuarded<Name extends string>(
  env: Readonly<Record<string, string>>,
  holders: Readonly<Record<Name, Holder>>,
  seed: (db: Kysely<Schema>) => Promise<void> = async () => {},
): Promise<{ service: Service; keys: Readonly<Record<Name, { authorization: string }>> }> {
  const dataDir = throwAwayDirectory('data')
  const url = env['DATABASE_URL']
  if (!url) await seedEmbeddedDatabase(dataDir)
  const { db, close } = url ? await openPostgres(url, recordedLog().log) : await openPglite(dataDir)
  const keys: [string, { authorization: string }][] = []
  try {
    await seed(db)
    for (const [name, holder] of Object.entries<Holder>(holders)) {
      const { secret } = await createKey(db, holder)
      keys.push([name, { authorization: `Bearer ${secret}` }])
    }
  } finally {
    await close()
  }
  const service = await startService({ env: { AUTH: 'api_key', ...env, DATA_DIR: dataDir } })
  return { service, keys: Object.fromEntries(keys) as Record<Name, { authorization: string }> }
}
