import { connect } from 'nats'
import { pino } from 'pino'
import t from 'tap'
import { MemoryQueue } from '../../src/messaging/memory-queue.ts'
import { NatsQueue } from '../../src/messaging/nats-queue.ts'
import { STREAM } from '../../src/messaging/nats-stream.ts'
import type { Delivery, Queue, VideoEvent } from '../../src/messaging/queue.ts'
import { NatsServer } from '../support/nats-server.ts'
import { until } from '../support/until.ts'
import { videoEvent } from '../support/video-event.ts'

const log = pino({ level: 'silent' })
/** Milliseconds: long enough for a test to see that something else comes first, also on a busy machine. */
const delays = { first: 1500, max: 1500 }

const server = await NatsServer.start()
t.teardown(() => server.stop('SIGKILL'))

async function openNats(): Promise<Queue> {
  const connection = await connect({ servers: server.url })
  const jsm = await connection.jetstreamManager()
  await jsm.streams.delete(STREAM).catch(() => {})
  await connection.close()
  const queue = new NatsQueue(server.url, log, { delays })
  await until(() => queue.check().then(() => true))
  return queue
}

const implementations = {
  MemoryQueue: async (): Promise<Queue> => new MemoryQueue(log, { delays }),
  NatsQueue: openNats,
}

for (const [implementation, open] of Object.entries(implementations)) {
  t.test(implementation, async t => {
    let queue: Queue
    t.beforeEach(async () => {
      queue = await open()
    })
    t.afterEach(() => queue.close())

    /** Takes all events of the name, and keeps them. */
    function collect(name: string, type: VideoEvent['type'] = 'video.uploaded'): VideoEvent[] {
      const events: VideoEvent[] = []
      queue.consume(name, type, async ({ event }) => void events.push(event))
      return events
    }

    /** Publishes one more event and waits until each has it as its last: what they were to get before that they have. */
    async function settled(...collections: VideoEvent[][]): Promise<VideoEvent> {
      const last = videoEvent()
      await queue.publish(last)
      await until(() => collections.every(events => events.at(-1)?.id === last.id))
      return last
    }

    t.test('gives each name every event of its type, once', async t => {
      const one = collect('one')
      const other = collect('other')
      const ready = collect('ready', 'video.ready')
      const events = [videoEvent(), videoEvent(), videoEvent()]
      const different = videoEvent('video.ready')
      for (const event of [events[0]!, different, events[1]!, events[2]!]) await queue.publish(event)
      const last = await settled(one, other)
      t.same(one, [...events, last])
      t.same(other, [...events, last])
      await until(() => ready.length)
      t.same(ready, [different])
    })

    t.test('hands the request id on, where there is one', async t => {
      const ids: unknown[] = []
      queue.consume('one', 'video.uploaded', async ({ requestId }) => void ids.push(requestId))
      await queue.publish(videoEvent(), 'request-1')
      await queue.publish(videoEvent())
      await until(() => ids.length === 2)
      t.same(ids, ['request-1', undefined])
    })

    t.test('takes an id only once', async t => {
      const one = collect('one')
      const event = videoEvent()
      await Promise.all([queue.publish(event), queue.publish(event)])
      await queue.publish(event)
      const last = await settled(one)
      t.same(one, [event, last])
    })

    t.test('keeps events for a name that consumes later', async t => {
      const events = [videoEvent(), videoEvent()]
      for (const event of events) await queue.publish(event)
      const late = collect('late')
      const last = await settled(late)
      t.same(late, [...events, last])
    })

    t.test('keeps events for a name that has stopped, and does not repeat others', async t => {
      const before: VideoEvent[] = []
      const consumer = queue.consume('one', 'video.uploaded', async ({ event }) => void before.push(event))
      await settled(before)
      await consumer.stop()
      const missed = videoEvent()
      await queue.publish(missed)
      const after = collect('one')
      const last = await settled(after)
      t.equal(before.length, 1)
      t.same(after, [missed, last])
    })

    t.test('gives a handler one event at a time, and shares among consumers of one name', async t => {
      const open = Promise.withResolvers<void>()
      const taken: [string, VideoEvent][] = []
      const handler = (who: string) => async (delivery: Delivery) => {
        taken.push([who, delivery.event])
        await open.promise
      }
      queue.consume('one', 'video.uploaded', handler('a'))
      queue.consume('one', 'video.uploaded', handler('b'))
      const events = [videoEvent(), videoEvent(), videoEvent()]
      for (const event of events) await queue.publish(event)
      await until(() => taken.length === 2)
      await settled(collect('witness'))
      t.same(taken.map(([who]) => who).sort(), ['a', 'b'])
      open.resolve()
      await until(() => taken.length === 4)
      const ids = new Set(taken.map(([, event]) => event.id))
      t.equal(ids.size, 4)
      t.ok(events.every(({ id }) => ids.has(id)))
    })

    t.test('gives an event again, but not at once, where the handler throws', async t => {
      const [failing, next] = [videoEvent(), videoEvent()]
      const taken: string[] = []
      await queue.publish(failing)
      await queue.publish(next)
      queue.consume('one', 'video.uploaded', async ({ event }) => {
        taken.push(event.id)
        if (event.id === failing.id && taken.length < 4) throw new Error('not yet')
      })
      await until(() => taken.length === 4)
      t.same(taken, [failing.id, next.id, failing.id, failing.id])
    })

    t.test('bears a handler that throws before it awaits', async t => {
      let calls = 0
      queue.consume('one', 'video.uploaded', () => {
        calls++
        if (calls === 1) throw new Error('at once')
        return Promise.resolve()
      })
      await queue.publish(videoEvent())
      await t.resolves(until(() => calls === 2))
    })

    t.test('working() may be called as often as one likes', async t => {
      const one: VideoEvent[] = []
      queue.consume('one', 'video.uploaded', async delivery => {
        for (let i = 0; i < 1000; i++) delivery.working()
        one.push(delivery.event)
      })
      const event = videoEvent()
      await queue.publish(event)
      const last = await settled(one)
      t.same(one, [event, last])
    })

    t.test('stop waits for the event in hand and takes no further', async t => {
      const open = Promise.withResolvers<void>()
      const taken: VideoEvent[] = []
      let finished = 0
      const consumer = queue.consume('one', 'video.uploaded', async ({ event }) => {
        taken.push(event)
        await open.promise
        finished++
      })
      const [inHand, next] = [videoEvent(), videoEvent()]
      await queue.publish(inHand)
      await until(() => taken.length)
      await queue.publish(next)
      let stopped = false
      const stopping = consumer.stop().then(() => {
        stopped = true
      })
      await settled(collect('witness'))
      t.notOk(stopped)
      open.resolve()
      await stopping
      t.equal(finished, 1)
      const others = collect('one')
      await settled(others)
      t.same(taken, [inHand])
      t.same(others[0], next)
    })

    t.test('close waits for the events in hand, and ends all', async t => {
      const open = Promise.withResolvers<void>()
      let [taken, finished] = [0, 0]
      for (const name of ['one', 'other']) {
        queue.consume(name, 'video.uploaded', async () => {
          taken++
          await open.promise
          finished++
        })
      }
      await queue.publish(videoEvent())
      await until(() => taken === 2)
      const closing = queue.close()
      await t.rejects(queue.publish(videoEvent()), /closed/)
      t.equal(finished, 0)
      open.resolve()
      await closing
      t.equal(finished, 2)
      await t.rejects(queue.check(), /closed/)
      t.throws(() => queue.consume('one', 'video.uploaded', async () => {}), /closed/)
      await t.resolves(queue.close())
    })

    t.test('refuses a name for a second type', async t => {
      collect('one')
      t.throws(() => collect('one', 'video.ready'), /already takes video\.uploaded/)
    })

    t.test('can be reached', t => t.resolves(queue.check()))
  })
}
