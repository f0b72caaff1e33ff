import { join } from 'node:path'
import type { Kysely } from 'kysely'
import type { Logger } from 'pino'
import { LocalSignal, type Signal } from './base/signal.ts'
import type { Config } from './config/config.ts'
import type { ApiLock } from './database/api-lock.ts'
import { lockDataDirectory, TAKEOVER_PATIENCE_MS } from './database/data-lock.ts'
import type { Database } from './database/database.ts'
import type { Schema } from './database/schema.ts'
import { MemoryQueue } from './messaging/memory-queue.ts'
import type { Queue } from './messaging/queue.ts'
import { openDataDirectory } from './objects/disk/data-directory.ts'
import { DiskObjects } from './objects/disk/disk-objects.ts'
import { StorageDirectory } from './objects/disk/storage-directory.ts'
import type { ObjectStorage } from './objects/object-storage.ts'
import { Reserve } from './objects/reserve.ts'
import type { EngineChoice } from './processing/speech/choose-engine.ts'
import type { SpeechToText } from './processing/speech/speech-to-text.ts'
import { DiskUploadBytes } from './uploads/bytes/disk/disk-upload-bytes.ts'
import type { UploadBytes } from './uploads/bytes/upload-bytes.ts'
import { MemoryLocks } from './uploads/locks/memory-locks.ts'
import type { UploadLocks } from './uploads/locks/upload-locks.ts'
import { fileCreator } from './uploads/tus/file-creator.ts'

/** The open backends of this process. */
export interface Runtime {
  readonly db: Kysely<Schema>
  readonly queue: Queue
  readonly signal: Signal
  /** Finished objects. */
  readonly storage: ObjectStorage
  /** Bytes of growing uploads. */
  readonly bytes: UploadBytes
  /** Where the objects are, for people: a directory, or a bucket with its prefix. */
  readonly place: string
  /** Disk space that is given to deletions when the disk is full. */
  readonly reserve: Reserve
  /** Whether no other process can use this database. */
  readonly exclusive: boolean
  /** The right to write to uploads. Undefined for a worker, and with the embedded database, which serves one process. */
  readonly apiLock: ApiLock | undefined
  readonly locks: UploadLocks
  close(): Promise<void>
}

/** Opens the backends that the settings name. Database, queue and storage are chosen independently. The data directory is created at once. @throws StartError */
export async function openRuntime(config: Config, log: Logger): Promise<Runtime> {
  openDataDirectory(config.dataDir)
  const reserve = new Reserve(config.dataDir)
  const opening = openStorage(config, log)
  opening.catch(() => {})
  const { database, apiLock } = await openDatabase(config, reserve, log)
  // A failure of the storage must not leave the database open.
  const storage = await opening.catch(async error => {
    await database.close()
    throw error
  })
  const queue = await openQueue(config, log)
  const locks = new MemoryLocks(apiLock?.isHeld)
  if (apiLock) apiLock.onLost = () => locks.lose()
  const { signal, closeSignal } = await openSignal(config, log)
  await reserve.make()
  return {
    db: database.db,
    queue,
    signal,
    ...storage,
    reserve,
    exclusive: !config.databaseUrl,
    apiLock,
    locks,
    async close() {
      await closeSignal()
      await queue.close()
      await database.close()
    },
  }
}

/** @returns undefined if transcripts are off. */
export async function openSpeechToText(
  choice: EngineChoice,
  { speechToText, builtinSpeech, dataDir }: Config,
  log: Logger,
): Promise<SpeechToText | undefined> {
  if (choice.kind === 'off') return undefined
  if (choice.kind === 'openai') {
    const { OpenAiSpeech } = await import('./processing/speech/openai-speech.ts')
    return new OpenAiSpeech(speechToText!)
  }
  const { BuiltinSpeech } = await import('./processing/speech/builtin/builtin-speech.ts')
  const { ModelStore } = await import('./processing/speech/model/model-store.ts')
  const { model, modelDir: offline, modelUrl: hub } = builtinSpeech!
  const store = new ModelStore({ directory: join(dataDir, 'models'), model, offline, hub })
  return new BuiltinSpeech({ store, name: choice.model!, log })
}

/** Finished objects and growing uploads, in one directory or one bucket. @throws StartError */
export async function openStorage(
  { dataDir, storageUrl, awsAccessKeyId, awsSecretAccessKey, awsSessionToken }: Config,
  log: Logger,
): Promise<Pick<Runtime, 'storage' | 'bytes' | 'place'>> {
  if (storageUrl) {
    const { openBucket } = await import('./objects/s3/s3-open.ts')
    const { S3Objects } = await import('./objects/s3/s3-objects.ts')
    const { ScratchCache } = await import('./objects/s3/scratch-cache.ts')
    const { S3UploadBytes } = await import('./uploads/bytes/s3/s3-upload-bytes.ts')
    const credentials = { id: awsAccessKeyId, secret: awsSecretAccessKey, token: awsSessionToken }
    const bucket = await openBucket(storageUrl, credentials, log)
    return {
      storage: new S3Objects(bucket, new ScratchCache(join(dataDir, 'cache'))),
      bytes: new S3UploadBytes(bucket),
      place: `s3://${storageUrl.bucket}/${storageUrl.prefix}`.replace(/\/$/, ''),
    }
  }
  const directory = new StorageDirectory(dataDir)
  return {
    storage: new DiskObjects(directory),
    bytes: new DiskUploadBytes(directory, fileCreator(dataDir)),
    place: dataDir,
  }
}

// Modules are loaded only if they are used, because loading them makes the start longer.
async function openDatabase(
  { databaseUrl, dataDir, role }: Config,
  reserve: Reserve,
  log: Logger,
): Promise<{ database: Database; apiLock?: ApiLock }> {
  if (!databaseUrl) {
    const { openPglite } = await import('./database/pglite-database.ts')
    const withRoom = <T>(work: () => Promise<T>) => reserve.spend(work, () => true)
    return { database: await openPglite(dataDir, { log, patienceMs: TAKEOVER_PATIENCE_MS, withRoom }) }
  }
  const { openPostgres } = await import('./database/pg-database.ts')
  if (role === 'worker') return { database: await openPostgres(databaseUrl, log) }
  return openAlone({ databaseUrl, dataDir }, log)
}

/** One api process for each database and each data directory: two would write to the same uploads. @throws StartError */
async function openAlone(
  { databaseUrl, dataDir }: { databaseUrl: string; dataDir: string },
  log: Logger,
): Promise<{ database: Database; apiLock: ApiLock }> {
  const { openPostgres } = await import('./database/pg-database.ts')
  const { lockApi } = await import('./database/api-lock.ts')
  const unlock = await lockDataDirectory(dataDir, TAKEOVER_PATIENCE_MS)
  let apiLock: ApiLock | undefined
  const release = async () => {
    await apiLock?.release()
    unlock()
  }
  const claim = async () => {
    apiLock = await lockApi(databaseUrl, log)
  }
  try {
    const { db, close } = await openPostgres(databaseUrl, log, { claim })
    return { database: { db, close: () => close().finally(release) }, apiLock: apiLock! }
  } catch (error) {
    await release()
    throw error
  }
}

async function openQueue({ natsUrl }: Config, log: Logger): Promise<Queue> {
  if (!natsUrl) return new MemoryQueue(log)
  const { NatsQueue } = await import('./messaging/nats-queue.ts')
  return new NatsQueue(natsUrl, log)
}

async function openSignal(
  { databaseUrl }: Config,
  log: Logger,
): Promise<{ signal: Signal; closeSignal: () => Promise<void> }> {
  if (!databaseUrl) return { signal: new LocalSignal(), closeSignal: async () => {} }
  const { PgSignal } = await import('./database/pg-signal.ts')
  const signal = new PgSignal(databaseUrl, log)
  return { signal, closeSignal: () => signal.close() }
}
