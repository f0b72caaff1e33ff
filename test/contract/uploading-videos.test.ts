import t from 'tap'
import { usedBytes } from '../../src/uploads/core/allowance.ts'
import { finishUpload } from '../../src/uploads/core/finish.ts'
import { insertUpload } from '../../src/uploads/core/new-upload.ts'
import { deleteUpload, setMetadata } from '../../src/uploads/core/upload-rows.ts'
import { deleteVideo, updateVideo } from '../../src/videos/catalogue/edit-video.ts'
import { findVideo, getVideo, getVideoRow, versionsOf } from '../../src/videos/catalogue/videos.ts'
import { addUpload, eventsOf } from '../support/catalogue-rows.ts'
import { databases } from '../support/databases.ts'
import { failure } from '../support/failure.ts'
import { diskStorage } from '../support/storages.ts'
import { throwAwayDirectory } from '../support/throw-away-directory.ts'

const { bytes } = diskStorage(throwAwayDirectory('uploading'))

await databases(t, async (t, db) => {
  t.test('an upload has its video from its first statement on; a part has none', async t => {
    const id = await addUpload(db, {
      length: null,
      metadata: { filename: 'dir/My film.mp4', tags: 'a, b,a' },
    })
    t.match(await getVideo(db, id), {
      title: 'My film',
      tags: ['a', 'b'],
      status: 'uploading',
      size: null,
      storage_key: null,
      upload: { offset: 0, length: null },
    })
    t.same(await eventsOf(db, id), [])
    const part = 'b7e23ec2-9af2-4f5c-8ee7-000000000001'
    await insertUpload(db, { id: part, length: 5, metadata: {}, requestId: null, concat: 'partial' }, 60)
    t.equal(await findVideo(db, part), undefined)
    t.ok(await finishUpload(db, part, 5))
    t.equal(await findVideo(db, part), undefined)
  })

  t.test('it takes its place among the others when it is finished', async t => {
    const id = await addUpload(db)
    await db
      .updateTable('videos')
      .set({ created_at: new Date(0) })
      .where('id', '=', id)
      .execute()
    await finishUpload(db, id, 100)
    t.ok((await getVideoRow(db, id)).created_at.getTime() > Date.now() - 600_000)
  })

  t.test('later metadata replaces what nobody has edited', async t => {
    const before = { title: 'First', description: 'One', tags: 'a' }
    const id = await addUpload(db, { metadata: before })
    await updateVideo(db, id, { title: 'By hand' })
    await setMetadata(db, id, {
      before,
      metadata: { title: 'Second', description: 'Two', tags: 'b', language: 'fr', filename: 'x.mov' },
    })
    const expected = { title: 'By hand', description: 'Two', tags: ['b'], language: 'fr', filename: 'x.mov' }
    t.match(await getVideoRow(db, id), expected)
    await finishUpload(db, id, 100)
    t.match(await getVideoRow(db, id), { ...expected, status: 'processing', size: 100 })
  })

  t.test('an upload that is removed or expires takes its video along, without an event', async t => {
    const [removed, expired, kept] = [
      await addUpload(db),
      await addUpload(db, { expiry: -1 }),
      await addUpload(db),
    ]
    t.ok(await deleteUpload(db, bytes, removed))
    t.notOk(await deleteUpload(db, bytes, kept, { expiredBefore: new Date() }))
    t.ok(await deleteUpload(db, bytes, expired, { expiredBefore: new Date(Date.now() + 60_000) }))
    for (const id of [removed, expired]) {
      t.equal(await findVideo(db, id), undefined)
      t.same(await eventsOf(db, id), [])
    }
    t.match(await getVideo(db, kept), { status: 'uploading' })
    t.match(await failure(deleteVideo(db, kept, null)), { status: 404 }, 'only its upload ends it')
    t.match(await getVideo(db, kept), { status: 'uploading' })
  })

  t.test('bytes are counted once, and texts of any length', async t => {
    const owner = 'counted'
    const id = await addUpload(db, { length: 1000, owner })
    t.equal(await usedBytes(db, owner), 1000)
    await updateVideo(db, id, { description: 'x'.repeat(9000) })
    const withText = await usedBytes(db, owner)
    t.ok(withText > 5000)
    await finishUpload(db, id, 1000)
    t.equal(await usedBytes(db, owner), withText)
  })

  t.test(
    'each change of the offset is a version; the version of a video is one again when it is finished',
    async t => {
      const id = await addUpload(db)
      const version = async () => (await versionsOf(db, [id])).get(id)
      const first = await version()
      await db.updateTable('uploads').set({ offset: 50 }).where('id', '=', id).execute()
      t.not(await version(), first)
      await finishUpload(db, id, 100)
      t.equal(await version(), '1')
    },
  )
})
