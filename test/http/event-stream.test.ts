import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Kysely } from 'kysely'
import { pino } from 'pino'
import t from 'tap'
import type { Schema } from '../../src/database/schema.ts'
import { EventStream } from '../../src/http/routes/event-stream.ts'
import { VideoWatcher } from '../../src/http/video-watcher.ts'
import { deleteVideo, updateVideo } from '../../src/videos/catalogue/edit-video.ts'
import { getVideo, versionOf } from '../../src/videos/catalogue/videos.ts'
import { addVideo } from '../support/catalogue-rows.ts'
import { openEmbeddedDatabase } from '../support/embedded-database.ts'
import { until } from '../support/until.ts'

const log = pino({ level: 'silent' })
const { db, close } = await openEmbeddedDatabase()
t.teardown(() => close())

/** A connection that counts its statements. */
function counted(): { readonly db: Kysely<Schema>; statements: number } {
  const counter = {
    statements: 0,
    db: db.withPlugin({
      transformQuery({ node }) {
        counter.statements++
        return node
      },
      transformResult: async ({ result }) => result,
    }),
  }
  return counter
}

t.test('a watcher reports only what its listener has not read, to each listener', async t => {
  const queries = counted()
  const watcher = new VideoWatcher(queries.db, log)
  t.teardown(() => watcher.close())
  const id = await addVideo(db)
  const before = versionOf(await getVideo(db, id))
  const first: (string | undefined)[] = []
  const stop = watcher.watch(id, before, version => first.push(version))
  await until(() => queries.statements >= 3)
  t.same(first, [], 'nothing has changed')

  await updateVideo(db, id, { title: 'New' })
  const after = versionOf(await getVideo(db, id))
  await until(() => first.length > 0)
  t.same(first, [after])
  const [current, old]: [(string | undefined)[], (string | undefined)[]] = [[], []]
  const others = [
    watcher.watch(id, after, version => current.push(version)),
    watcher.watch(id, before, version => old.push(version)),
  ]
  await until(() => old.length > 0)
  t.same(
    [first, current, old],
    [[after], [], [after]],
    'a late listener hears of the change that it has missed',
  )

  await deleteVideo(db, id, null)
  await until(() =>
    [first, current, old].every(versions => versions.at(-1) === undefined && versions.length > 0),
  )
  t.same(current[0], undefined)
  for (const end of [stop, ...others]) end()
})

t.test(
  'an event stream asks the database once for a change, and never for what the watcher knows',
  async t => {
    const [watching, reading] = [counted(), counted()]
    const watcher = new VideoWatcher(watching.db, log)
    t.teardown(() => watcher.close())
    const id = await addVideo(db)
    const video = await getVideo(db, id)
    let stream: EventStream | undefined
    const begin = (raw: ServerResponse) => {
      stream = new EventStream({ db: reading.db, watcher, base: '' }, raw, {
        isPermitted: async () => true,
        log,
      })
      stream.start(video, undefined)
    }
    const server = createServer((_request, raw) => begin(raw)).listen(0, '127.0.0.1')
    t.teardown(() => server.close())
    await until(() => server.listening)
    const answer = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
    let text = ''
    const ended = (async () => {
      for await (const chunk of answer.body!.pipeThrough(new TextDecoderStream())) text += chunk
    })()
    await until(() => text.includes('event: video'))
    const begun = watching.statements
    await until(() => watching.statements >= begun + 3)
    t.equal(reading.statements, 0, 'the first state is not read again')

    const once = counted()
    await getVideo(once.db, id)
    await updateVideo(db, id, { title: 'New' })
    await until(() => text.includes('"title":"New"'))
    t.equal(reading.statements, once.statements, 'one look at the video')

    await deleteVideo(db, id, null)
    await ended
    t.match(text, new RegExp(`event: deleted\ndata: {"id":"${id}"}\n\n$`))
    t.equal(reading.statements, once.statements, 'and none for the deletion')
  },
)
