import type { Kysely } from 'kysely'
import type { Logger } from 'pino'
import type { Config } from './config.ts'
import type { Database } from './database/database.ts'
import type { Schema } from './database/schema.ts'
import { MemoryQueue } from './messaging/memory-queue.ts'
import type { Queue } from './messaging/queue.ts'
import { openDataDirectory } from './storage/data-directory.ts'
import { DiskStorage } from './storage/disk-storage.ts'
import { Reserve } from './storage/reserve.ts'
import type { Storage } from './storage/storage.ts'

/** The backends of this process, open. */
export interface Runtime {
  readonly db: Kysely<Schema>
  readonly queue: Queue
  readonly storage: Storage
  /** Room on the disk that deletions get when it is full. */
  readonly reserve: Reserve
  /** Whether no other process can use the same database. */
  readonly exclusive: boolean
  close(): Promise<void>
}

/** Opens what the settings name: database, queue and storage are chosen independently. @throws StartError */
export async function openRuntime(config: Config, log: Logger): Promise<Runtime> {
  openDataDirectory(config.dataDir)
  const reserve = new Reserve(config.dataDir)
  const database = await openDatabase(config, reserve, log)
  const queue = await openQueue(config, log)
  await reserve.make()
  return {
    db: database.db,
    queue,
    storage: new DiskStorage(config.dataDir),
    reserve,
    exclusive: !config.databaseUrl,
    async close() {
      await queue.close()
      await database.close()
    },
  }
}

// What is not used is not loaded, which would make each start longer.
async function openDatabase(
  { databaseUrl, dataDir }: Config,
  reserve: Reserve,
  log: Logger,
): Promise<Database> {
  if (!databaseUrl) {
    const { openPglite } = await import('./database/pglite-database.ts')
    return openPglite(dataDir, { log, withRoom: work => reserve.spend(work, () => true) })
  }
  return (await import('./database/pg-database.ts')).openPostgres(databaseUrl, log)
}

async function openQueue({ natsUrl }: Config, log: Logger): Promise<Queue> {
  if (!natsUrl) return new MemoryQueue(log)
  const { NatsQueue } = await import('./messaging/nats-queue.ts')
  return new NatsQueue(natsUrl, log)
}
