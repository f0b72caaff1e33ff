import type { KyselyPlugin } from 'kysely'
import t from 'tap'
import { promiseOffset } from '../../src/uploads/core/promised-offsets.ts'
import { findUpload } from '../../src/uploads/core/upload-rows.ts'
import { MemoryLocks } from '../../src/uploads/locks/memory-locks.ts'
import { addUpload } from '../support/catalogue-rows.ts'
import { openEmbeddedDatabase } from '../support/embedded-database.ts'

const database = await openEmbeddedDatabase()
const { db } = database
t.teardown(() => database.close())

/** The database, with something that happens after its first statement. */
function withFirst(then: () => Promise<unknown>) {
  let isFirst = true
  const plugin: KyselyPlugin = {
    transformQuery: ({ node }) => node,
    async transformResult({ result }) {
      if (isFirst) {
        isFirst = false
        await then()
      }
      return result
    },
  }
  return db.withPlugin(plugin)
}

const advance = (id: string, offset: number) =>
  db.updateTable('uploads').set({ offset }).where('id', '=', id).execute()

t.test('the offset that is told is promised, also if a writer moves it meanwhile', async t => {
  const id = await addUpload(db, { length: 100 })
  await advance(id, 40)
  t.match(await promiseOffset(db, id), { offset: 40, promised: [40] })
  const told = await promiseOffset(
    withFirst(() => advance(id, 60)),
    id,
  )
  t.match(told, { offset: 60, promised: [40, 60] })
  t.match(await findUpload(db, id), { offset: 60, promised: [40, 60] })
})

t.test('an offset that is told after a writer has begun is promised once more', async t => {
  const id = await addUpload(db, { length: 100 })
  await advance(id, 40)
  const locks = new MemoryLocks()
  const { promise, resolve } = Promise.withResolvers<void>()
  await promiseOffset(db, id, locks)
  let writing: Promise<void> | undefined
  const begin = async () => {
    writing = locks.run(id, async () => promise)
  }
  t.match(await promiseOffset(withFirst(begin), id, locks), { offset: 40, promised: [40, 40] })
  t.equal(locks.holdOf(id)?.promisedOffset, 40)
  resolve()
  await writing
})

t.test('an upload that is finished meanwhile needs no promise', async t => {
  const id = await addUpload(db, { length: 100 })
  await promiseOffset(db, id)
  const finish = () =>
    db.updateTable('uploads').set({ offset: 100, finished_at: new Date() }).where('id', '=', id).execute()
  t.match(await promiseOffset(withFirst(finish), id), { offset: 100, promised: [0] })
})
