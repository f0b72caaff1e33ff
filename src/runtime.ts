import { access, constants, mkdir } from 'node:fs/promises'
import type { Kysely } from 'kysely'
import type { Logger } from 'pino'
import type { Config } from './config.ts'
import { openPostgres } from './database/pg-database.ts'
import { openPglite } from './database/pglite-database.ts'
import type { Schema } from './database/schema.ts'
import { StartError } from './errors.ts'
import { MemoryQueue } from './messaging/memory-queue.ts'
import { NatsQueue } from './messaging/nats-queue.ts'
import type { Queue } from './messaging/queue.ts'
import { DiskStorage } from './storage/disk-storage.ts'
import type { Storage } from './storage/storage.ts'

/** The backends of this process, open. */
export interface Runtime {
  readonly db: Kysely<Schema>
  readonly queue: Queue
  readonly storage: Storage
  /** Whether no other process can use the same database. */
  readonly exclusive: boolean
  close(): Promise<void>
}

/** Opens what the settings name: database, queue and storage are chosen independently. @throws StartError */
export async function openRuntime(config: Config, log: Logger): Promise<Runtime> {
  await prepareDataDirectory(config.dataDir)
  const database = config.databaseUrl
    ? await openPostgres(config.databaseUrl, log)
    : await openPglite(config.dataDir)
  const queue = config.natsUrl ? new NatsQueue(config.natsUrl, log) : new MemoryQueue(log)
  return {
    db: database.db,
    queue,
    storage: new DiskStorage(config.dataDir),
    exclusive: !config.databaseUrl,
    async close() {
      await queue.close()
      await database.close()
    },
  }
}

async function prepareDataDirectory(directory: string): Promise<void> {
  try {
    await mkdir(directory, { recursive: true })
    await access(directory, constants.R_OK | constants.W_OK | constants.X_OK)
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? String(error)
    throw new StartError(`DATA_DIR: the directory ${directory} cannot be written to (${reason}).`)
  }
}
