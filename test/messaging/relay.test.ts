import type { Kysely } from 'kysely'
import t, { type Test } from 'tap'
import type { Schema } from '../../src/database/schema.ts'
import { MemoryQueue } from '../../src/messaging/memory-queue.ts'
import { enqueue } from '../../src/messaging/outbox.ts'
import type { VideoEvent } from '../../src/messaging/queue.ts'
import { Relay, type RelayOptions } from '../../src/messaging/relay.ts'
import { openEmbeddedDatabase } from '../support/embedded-database.ts'
import { recordedLog } from '../support/recorded-log.ts'
import { until } from '../support/until.ts'
import { videoEvent } from '../support/video-event.ts'

const database = await openEmbeddedDatabase()
const { db } = database
t.teardown(() => database.close())

/** So long that only wake() can have been the reason. */
const NEVER = 3600

/** The in-process queue, whose publish a test can hold up or make fail. */
class TestQueue extends MemoryQueue {
  attempts: VideoEvent[] = []
  obstacle: () => Promise<void> = async () => {}

  override async publish(event: VideoEvent, requestId?: string): Promise<void> {
    this.attempts.push(event)
    await this.obstacle()
    await super.publish(event, requestId)
  }
}

async function setUp(t: Test, options: RelayOptions = { interval: 0.05 }) {
  await db.deleteFrom('outbox').execute()
  const { log, lines } = recordedLog()
  const queue = new TestQueue(log)
  const relay = new Relay(db, queue, log, options)
  const events: VideoEvent[] = []
  const requestIds: unknown[] = []
  queue.consume('one', 'video.uploaded', async ({ event, requestId }) => {
    events.push(event)
    requestIds.push(requestId)
  })
  t.teardown(async () => {
    queue.obstacle = async () => {}
    await relay.stop()
    await queue.close()
  })
  return { queue, relay, events, requestIds, messages: () => lines.map(({ msg }) => msg) }
}

async function uploaded(db: Kysely<Schema>, requestId?: string): Promise<string> {
  const { video_id } = videoEvent()
  await enqueue(db, { type: 'video.uploaded', video_id, ...(requestId && { request_id: requestId }) })
  return video_id
}

const waiting = async () =>
  (await db.selectFrom('outbox').select('video_id').orderBy('id').execute()).map(r => r.video_id)
const videos = (events: readonly VideoEvent[]) => events.map(({ video_id }) => video_id)

t.test('publishes what is committed, and only that', async t => {
  const { relay, events, requestIds } = await setUp(t)
  relay.start()
  const rolledBack = db.transaction().execute(async trx => {
    await uploaded(trx)
    throw new Error('never mind')
  })
  await t.rejects(rolledBack, /never mind/)
  const committed = await db.transaction().execute(trx => uploaded(trx, 'request-1'))
  const without = await uploaded(db)
  await until(async () => (await waiting()).length === 0)
  await until(() => events.length === 2)
  t.same(videos(events), [committed, without])
  t.same(requestIds, ['request-1', undefined])
  t.match(events[0], { id: /^[0-9a-f-]{14}7/, type: 'video.uploaded', time: /^\d{4}-\d\d-\d\dT[\d:.]+Z$/ })
})

t.test('publishes at once when woken, more than a batch, in order', async t => {
  const { relay, events } = await setUp(t, { interval: NEVER })
  relay.start()
  const ids: string[] = []
  await db.transaction().execute(async trx => {
    for (let i = 0; i < 250; i++) ids.push(await uploaded(trx))
  })
  relay.wake()
  await until(() => events.length === ids.length)
  t.same(videos(events), ids)
  t.same(await until(async () => (await waiting()).length === 0), true)
})

t.test('looks again when woken while it is at work, and leaves the database free meanwhile', async t => {
  const { relay, queue, events } = await setUp(t, { interval: NEVER })
  const open = Promise.withResolvers<void>()
  queue.obstacle = () => open.promise
  const first = await uploaded(db)
  relay.start()
  await until(() => queue.attempts.length)
  const second = await uploaded(db)
  relay.wake()
  t.same(await waiting(), [first, second])
  open.resolve()
  await until(() => events.length === 2)
  t.same(videos(events), [first, second])
})

t.test('keeps all, in order, while the queue is down, and says so once', async t => {
  const { relay, queue, events, messages } = await setUp(t)
  const down = async () => {
    throw new Error('the queue is down')
  }
  queue.obstacle = down
  const ids = [await uploaded(db), await uploaded(db)]
  relay.start()
  await until(() => queue.attempts.length >= 3)
  t.same(new Set(videos(queue.attempts)), new Set([ids[0]]))
  t.same(await waiting(), ids)

  // Goes away again after the first event.
  queue.obstacle = async () => {
    queue.obstacle = down
  }
  await until(async () => (await waiting()).length === 1)
  t.same(await waiting(), [ids[1]])
  queue.obstacle = async () => {}
  await until(async () => (await waiting()).length === 0)
  await until(() => events.length === 2)
  t.same(videos(events), ids)
  await until(() => messages().length === 2)
  t.same(messages(), ['events cannot be published, they wait in the outbox', 'events are published again'])
})

t.test('publishes once what a relay published that crashed before it could delete it', async t => {
  const { relay, queue, events } = await setUp(t)
  await uploaded(db)
  const { id, type, video_id, owner, time } = await db
    .selectFrom('outbox')
    .selectAll()
    .executeTakeFirstOrThrow()
  await queue.publish({ id, type, video_id, owner, time: time.toISOString() })
  relay.start()
  await until(async () => (await waiting()).length === 0)
  const last = await uploaded(db)
  await until(() => events.some(event => event.video_id === last))
  t.same(videos(events), [video_id, last])
  t.equal(queue.attempts.length, 3)
})

t.test('two relays lose and repeat nothing', async t => {
  const { relay, queue, events } = await setUp(t)
  const other = new Relay(db, queue, recordedLog().log, { interval: 0.05 })
  t.teardown(() => other.stop())
  const ids: string[] = []
  for (let i = 0; i < 50; i++) ids.push(await uploaded(db))
  relay.start()
  other.start()
  await until(async () => (await waiting()).length === 0)
  await until(() => events.length >= ids.length)
  t.same(videos(events), ids)
})

t.test('stop waits for the event in hand and leaves the rest', async t => {
  const { relay, queue } = await setUp(t)
  const open = Promise.withResolvers<void>()
  queue.obstacle = () => open.promise
  await uploaded(db)
  const rest = await uploaded(db)
  relay.start()
  await until(() => queue.attempts.length)
  const stopping = relay.stop()
  open.resolve()
  await stopping
  t.same(await waiting(), [rest])
  await t.resolves(relay.stop())
})

t.test('stops at once while it waits, and where it was never started', async t => {
  const { relay, queue } = await setUp(t, { interval: NEVER })
  await t.resolves(new Relay(db, queue, recordedLog().log).stop())
  relay.start()
  await t.resolves(relay.stop())
})
