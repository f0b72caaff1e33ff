import { createHash } from 'node:crypto'
import { appendFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import type { Kysely } from 'kysely'
import type { Test } from 'tap'
import { v7 as uuid } from 'uuid'
import { LocalSignal } from '../../src/base/signal.ts'
import { SteadyClock } from '../../src/base/steady-clock.ts'
import type { Schema } from '../../src/database/schema.ts'
import { DiskStorage } from '../../src/objects/disk/disk-storage.ts'
import { Reserve } from '../../src/objects/reserve.ts'
import { FinalUploads } from '../../src/uploads/core/final-uploads.ts'
import { sealOf } from '../../src/uploads/core/reconcile.ts'
import { UploadSweeper } from '../../src/uploads/core/sweeper.ts'
import { findUpload, uploadKey } from '../../src/uploads/core/upload-rows.ts'
import { UploadStore } from '../../src/uploads/core/upload-store.ts'
import { MemoryLocks } from '../../src/uploads/locks/memory-locks.ts'
import { Recordings } from '../../src/uploads/recordings/recordings.ts'
import { SourceWatch } from '../../src/videos/catalogue/source-watch.ts'
import { recordedLog } from './recorded-log.ts'
import { throwAwayDirectory } from './throw-away-directory.ts'

/** The client that creates the uploads of these tests. */
export const TESTER = { requestId: 'request', owner: null }
/** Seconds. */
export const EXPIRY = 3600
/** The same in every run, without repetition. */
export const bytes = (size: number) =>
  createHash('shake256', { outputLength: size }).update('upload').digest()
/** What the uploads of these tests are made of. */
export const whole = bytes(100)

/** A store and a sweeper that is not started, on an empty directory and emptied tables. */
export async function setUpUploads(t: Test, db: Kysely<Schema>, directory = throwAwayDirectory('uploads')) {
  await db.deleteFrom('uploads').execute()
  await db.deleteFrom('videos').execute()
  await db.deleteFrom('removals').execute()
  const storage = new DiskStorage(directory)
  const reserve = new Reserve(directory)
  const locks = new MemoryLocks()
  let commits = 0
  const signal = new LocalSignal()
  signal.on('events', () => void commits++)
  const store = new UploadStore({
    db,
    storage,
    reserve,
    locks,
    expiry: EXPIRY,
    limits: { maxUnfinished: 100, quota: undefined },
    signal,
  })
  const { log, lines } = recordedLog()
  const finals = new FinalUploads({ db, storage, store })
  const recordings = new Recordings({ db, storage, reserve, store, locks, maxSize: 1e9 })
  const sweeper = new UploadSweeper({
    ...{ db, storage, reserve, store, locks, finals, recordings, log },
    sources: new SourceWatch(db, storage),
    clock: new SteadyClock(0),
    interval: 0.1,
  })
  t.teardown(() => sweeper.stop())
  const create = async (size?: number) => {
    const id = uuid()
    await store.create({ id, length: size ?? null, metadata: {}, uploader: TESTER })
    return id
  }
  const write = (id: string, from: number, to: number) =>
    store.write(Readable.from([whole.subarray(from, to)]), id, from)
  const file = (id: string) => join(directory, 'uploads', id)
  /** As a process leaves an upload that ends between its last byte and the transaction. */
  const leaveComplete = async (id: string) => {
    await appendFile(file(id), whole.subarray((await storage.size(uploadKey(id)))!))
    await storage.seal(uploadKey(id), sealOf((await findUpload(db, id))!))
  }
  const files = () => readdir(join(directory, 'uploads')).catch((): string[] => [])
  return {
    storage,
    locks,
    store,
    recordings,
    sweeper,
    create,
    write,
    file,
    files,
    leaveComplete,
    commits: () => commits,
    lines,
  }
}
