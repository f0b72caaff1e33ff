import t from 'tap'
import { v7 as uuid } from 'uuid'
import { OffsetUpdates } from '../../src/uploads/core/offset-updates.ts'
import { findUpload } from '../../src/uploads/core/upload-rows.ts'
import { addUpload } from '../support/catalogue-rows.ts'
import { openEmbeddedDatabase } from '../support/embedded-database.ts'
import { failure } from '../support/failure.ts'

const database = await openEmbeddedDatabase()
const { db } = database
t.teardown(() => database.close())

t.test('of many that come at once each is moved for itself', async t => {
  const updates = new OffsetUpdates(db, 3600)
  const ids = []
  for (let count = 0; count < 20; count++) ids.push(await addUpload(db, { length: 100 }))
  t.same(
    await Promise.all(
      ids.map((id, index) => updates.advance({ id, from: 0, to: index + 1, state: null, generation: 1 })),
    ),
    ids.map(() => true),
  )
  for (const [index, id] of ids.entries()) t.match(await findUpload(db, id), { offset: index + 1 })
})

t.test('what is not where it should be stays, and does not keep the others', async t => {
  const updates = new OffsetUpdates(db, 3600)
  const [moved, elsewhere] = [await addUpload(db, { length: 100 }), await addUpload(db, { length: 100 })]
  const finished = await addUpload(db, { length: 100 })
  await db.updateTable('uploads').set({ finished_at: new Date() }).where('id', '=', finished).execute()
  const replaced = await addUpload(db, { length: 100 })
  await db.updateTable('uploads').set({ generation: 2 }).where('id', '=', replaced).execute()
  const before = await findUpload(db, moved)
  const answers = await Promise.all([
    updates.advance({ id: moved, from: 0, to: 10, state: null, generation: 1 }),
    updates.advance({ id: elsewhere, from: 5, to: 10, state: null, generation: 1 }),
    updates.advance({ id: finished, from: 0, to: 10, state: null, generation: 1 }),
    updates.advance({ id: replaced, from: 0, to: 10, state: null, generation: 1 }),
    updates.advance({ id: uuid(), from: 0, to: 10, state: null, generation: 1 }),
  ])
  t.same(answers, [true, false, false, false, false])
  t.match(await findUpload(db, elsewhere), { offset: 0 })
  t.match(await findUpload(db, finished), { offset: 0 })
  t.match(await findUpload(db, replaced), { offset: 0 }, 'another process has taken it over')
  t.not(
    (await findUpload(db, moved))?.expires_at.getTime(),
    before?.expires_at.getTime(),
    'its expiry moves on',
  )
})

t.test('a statement that fails is told to those who wait for it, and to no one else', async t => {
  const updates = new OffsetUpdates(db, 3600)
  const id = await addUpload(db, { length: 100 })
  t.match(await failure(updates.advance({ id: 'no id', from: 0, to: 10, state: null, generation: 1 })), {
    code: '22P02',
  })
  t.equal(await updates.advance({ id, from: 0, to: 10, state: null, generation: 1 }), true)
})
