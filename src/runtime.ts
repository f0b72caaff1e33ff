import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import type { Kysely } from 'kysely'
import type { Logger } from 'pino'
import { durableSecret } from './access/secrets.ts'
import { LocalSignal, type Signal } from './base/signal.ts'
import type { Config } from './config/config.ts'
import { shareDataDirectory, TAKEOVER_PATIENCE_MS } from './database/data-lock.ts'
import type { Database } from './database/database.ts'
import type { ProcessSession } from './database/process-session.ts'
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
  /** Place of the objects, for people: a directory, or a bucket with its prefix. */
  readonly place: string
  /** Disk space that is given to deletions when the disk is full. */
  readonly reserve: Reserve
  /** Whether no other process can use this database. */
  readonly exclusive: boolean
  readonly locks: UploadLocks
  close(): Promise<void>
}

/** Opens the backends that the settings name. Database, queue and storage are chosen independently. The data directory is created at once. @throws StartError */
export async function openRuntime(config: Config, log: Logger): Promise<Runtime> {
  openDataDirectory(config.dataDir)
  const reserve = new Reserve(config.dataDir)
  const opening = openStorage(config, log)
  opening.catch(() => {})
  const { db, signal, locks, close } = await openDatabase(config, reserve, log)
  // A failure of the storage must not leave the database open.
  const storage = await opening.catch(async error => {
    await close()
    throw error
  })
  const queue = await openQueue(config, log)
  await reserve.make()
  return {
    db,
    queue,
    signal,
    ...storage,
    reserve,
    exclusive: !config.databaseUrl,
    locks,
    async close() {
      await queue.close()
      await close()
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

/** The database, and what processes that share it tell each other. */
interface Shared extends Database {
  readonly signal: Signal
  readonly locks: UploadLocks
}

// Modules are loaded only if they are used, because loading them makes the start longer.
async function openDatabase(config: Config, reserve: Reserve, log: Logger): Promise<Shared> {
  const { databaseUrl, dataDir } = config
  if (databaseUrl) return openShared({ ...config, databaseUrl }, log)
  const { openPglite } = await import('./database/pglite-database.ts')
  const withRoom = <T>(work: () => Promise<T>) => reserve.spend(work, () => true)
  const database = await openPglite(dataDir, { log, patienceMs: TAKEOVER_PATIENCE_MS, withRoom })
  return { ...database, signal: new LocalSignal(), locks: new MemoryLocks() }
}

/** Any number of processes on one PostgreSQL database, which share one data directory or bucket. @throws StartError */
async function openShared(
  { databaseUrl, dataDir, storageUrl, role }: Config & { readonly databaseUrl: string },
  log: Logger,
): Promise<Shared> {
  const [{ openPostgres }, { ProcessSession }, { openClaimed, claimPlace, patiently }, { PgSignal }] =
    await Promise.all([
      import('./database/pg-database.ts'),
      import('./database/process-session.ts'),
      import('./database/process-claims.ts'),
      import('./database/pg-signal.ts'),
    ])
  const session = new ProcessSession(databaseUrl, log)
  const stops = [() => session.close()]
  const close = async () => {
    for (const stop of stops.splice(0).reverse()) await stop()
  }
  try {
    const claim = () => openClaimed(session, role !== 'worker')
    const database = await openPostgres(databaseUrl, log, { claim })
    stops.push(() => database.close())
    const directory = await shareDataDirectory(
      dataDir,
      await patiently(() => durableSecret(database.db, 'database id')),
      TAKEOVER_PATIENCE_MS,
    )
    stops.push(async () => directory.release())
    const place = storageUrl && `s3 ${storageUrl.endpoint ?? ''} ${storageUrl.bucket} ${storageUrl.prefix}`
    await claimPlace(session, place ?? directory.id)
    const signal = await PgSignal.open(session)
    stops.push(() => signal.close())
    const { locks, closeLocks } = await openLocks({ dataDir }, database, session, log)
    stops.push(closeLocks)
    return { db: database.db, signal, locks, close }
  } catch (error) {
    await close()
    throw error
  }
}

async function openLocks(
  { dataDir }: Pick<Config, 'dataDir'>,
  { db }: Database,
  session: ProcessSession,
  log: Logger,
): Promise<{ locks: UploadLocks; closeLocks: () => Promise<void> }> {
  const { HolderFiles } = await import('./uploads/locks/holder-files.ts')
  const { processOf } = await import('./uploads/locks/holder-ids.ts')
  const { PgLockMessages } = await import('./uploads/locks/pg-lock-messages.ts')
  const { PostgresLocks } = await import('./uploads/locks/postgres-locks.ts')
  const holder = processOf(randomUUID())
  const files = new HolderFiles(dataDir, holder)
  const messages = await PgLockMessages.open(session, holder)
  const locks = new PostgresLocks({ holder, db, messages, hasEnded: id => files.hasEnded(id), log })
  return { locks, closeLocks: async () => files.close() }
}

async function openQueue({ natsUrl }: Config, log: Logger): Promise<Queue> {
  if (!natsUrl) return new MemoryQueue(log)
  const { NatsQueue } = await import('./messaging/nats-queue.ts')
  return new NatsQueue(natsUrl, log)
}
