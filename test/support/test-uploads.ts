import { createHash } from 'node:crypto'
import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import type { Kysely } from 'kysely'
import type { Test } from 'tap'
import { v7 as uuid } from 'uuid'
import { LocalSignal } from '../../src/base/signal.ts'
import { SteadyClock } from '../../src/base/steady-clock.ts'
import type { Schema } from '../../src/database/schema.ts'
import { Reserve } from '../../src/objects/reserve.ts'
import type { Concat } from '../../src/uploads/core/concatenation.ts'
import { FinalUploads } from '../../src/uploads/core/final-uploads.ts'
import { UploadSweeper } from '../../src/uploads/core/sweeper.ts'
import { UploadStore } from '../../src/uploads/core/upload-store.ts'
import { MemoryLocks } from '../../src/uploads/locks/memory-locks.ts'
import { Recordings } from '../../src/uploads/recordings/recordings.ts'
import { SourceWatch } from '../../src/videos/catalogue/source-watch.ts'
import { nothingIsLeft } from './nothing-left.ts'
import { recordedLog } from './recorded-log.ts'
import { diskStorage } from './storages.ts'
import { throwAwayDirectory } from './throw-away-directory.ts'

/** The client that creates the uploads of these tests. */
export const TESTER = { requestId: 'request', owner: null }
/** Seconds. */
export const EXPIRY = 3600
/** The same in every run, without repetition. */
export const someBytes = (size: number) =>
  createHash('shake256', { outputLength: size }).update('upload').digest()
/** What the uploads of these tests are made of. */
export const whole = someBytes(100)

/**
 * A store and a sweeper that is not started, on an empty directory and emptied tables.
 * @param shared a directory that another store uses too, as another process would: that one may still have files open at the end.
 */
export async function setUpUploads(t: Test, db: Kysely<Schema>, shared?: string) {
  const directory = shared ?? throwAwayDirectory('uploads')
  await db.deleteFrom('uploads').execute()
  await db.deleteFrom('videos').execute()
  await db.deleteFrom('removals').execute()
  const { objects: storage, bytes } = diskStorage(directory)
  const reserve = new Reserve(directory)
  const locks = new MemoryLocks()
  let commits = 0
  const signal = new LocalSignal()
  signal.on('events', () => void commits++)
  const store = new UploadStore({
    db,
    bytes,
    reserve,
    locks,
    expiry: EXPIRY,
    limits: { maxUnfinished: 100, quota: undefined },
    signal,
  })
  const { log, lines } = recordedLog()
  const finals = new FinalUploads({ db, bytes, store })
  const recordings = new Recordings({ db, storage, bytes, reserve, store, locks, maxSize: 1e9 })
  const sweeper = new UploadSweeper({
    ...{ db, storage, reserve, store, locks, finals, recordings, log },
    sources: new SourceWatch(db, storage),
    clock: new SteadyClock(0),
    interval: 0.1,
  })
  t.teardown(async () => {
    await sweeper.stop()
    await nothingIsLeft(db, shared === undefined ? directory : undefined)
    const ids = (await db.selectFrom('uploads').select('id').execute()).map(({ id }) => id)
    const held = ids.filter(id => locks.holdOf(id))
    if (held.length > 0) throw new Error(`Uploads are locked: ${held.join(', ')}`)
  })
  const create = async (size?: number, concat?: Concat) => {
    const id = uuid()
    await store.create({ id, length: size ?? null, metadata: {}, uploader: TESTER, concat })
    return id
  }
  const createFinal = async (parts: readonly string[]) => {
    const id = uuid()
    const urls = parts.map(part => `https://example.org/uploads/${part}`)
    const context = { ...TESTER, maxSize: 1e9, link: undefined }
    await locks.run(id, () => finals.create({ id, metadata: {} }, urls, context), { isNew: true })
    return id
  }
  const write = async (id: string, from: number, to: number) =>
    (await store.write(Readable.from([whole.subarray(from, to)]), id, from)).offset
  const file = (id: string) => join(directory, 'uploads', id)
  /** As a process leaves an upload that ends between its last byte and the transaction that makes the video. */
  const leaveComplete = async (id: string) => {
    await writeFile(file(id), whole)
    await db.updateTable('uploads').set({ offset: whole.length }).where('id', '=', id).execute()
  }
  const files = () => readdir(join(directory, 'uploads')).catch((): string[] => [])
  return {
    directory,
    storage,
    bytes,
    locks,
    store,
    recordings,
    sweeper,
    create,
    createFinal,
    write,
    file,
    files,
    leaveComplete,
    commits: () => commits,
    lines,
  }
}
