import { once } from 'node:events'
import { createServer } from 'node:net'
import { type ConsumerConfig, connect, type JetStreamManager, type NatsConnection, nanos } from 'nats'
import t, { type Test } from 'tap'
import { EVENT_TYPES } from '../../src/database/tables/messaging.ts'
import { NatsQueue, type NatsQueueOptions } from '../../src/messaging/nats-queue.ts'
import { STREAM } from '../../src/messaging/nats-stream.ts'
import type { VideoEvent } from '../../src/messaging/queue.ts'
import { NatsServer } from '../support/nats-server.ts'
import { recordedLog } from '../support/recorded-log.ts'
import { until } from '../support/until.ts'
import { videoEvent } from '../support/video-event.ts'

const WARN = 40
/** Most of these tests wait for something most of the time. */
t.jobs = 4

/** A server of its own for each test, as most of them break it. */
async function setUp(t: Test, options: { running?: boolean; queue?: NatsQueueOptions } = {}) {
  const server = await NatsServer.prepare()
  t.teardown(() => server.stop('SIGKILL'))
  if (options.running ?? true) await server.start()
  const { log, lines } = recordedLog()
  const queue = new NatsQueue(server.url, log, options.queue)
  t.teardown(() => queue.close())
  const warnings = () => lines.filter(({ level }) => level >= WARN).map(({ msg }) => msg)

  function collect(name: string, type?: VideoEvent['type']): VideoEvent[] {
    const events: VideoEvent[] = []
    queue.consume(name, type ?? 'video.uploaded', async ({ event }) => void events.push(event))
    return events
  }
  /** As the relay does: again until the queue takes it. */
  async function publish(event = videoEvent()): Promise<VideoEvent> {
    await until(() => queue.publish(event).then(() => true))
    return event
  }
  return { server, queue, lines, warnings, collect, publish }
}

/** What an operator with the `nats` tool does. */
async function operator(
  t: Test,
  server: NatsServer,
): Promise<{ nats: NatsConnection; jsm: JetStreamManager }> {
  const nats = await connect({ servers: server.url })
  t.teardown(() => nats.close())
  return { nats, jsm: await nats.jetstreamManager() }
}

const has = (events: readonly VideoEvent[], { id }: VideoEvent) => events.some(event => event.id === id)

t.test('does not need NATS at the start, and says once that it is missing', async t => {
  const { server, queue, warnings, collect, publish } = await setUp(t, { running: false })
  const one = collect('one')
  await t.rejects(queue.publish(videoEvent()), /cannot be reached: not yet connected/)
  await until(() => queue.check().catch(error => /connection refused/.test(error.message)))

  // Counts the attempts, in place of a server.
  let attempts = 0
  const nobody = createServer(socket => {
    attempts++
    socket.destroy()
  }).listen(Number(new URL(server.url).port), '127.0.0.1')
  await until(() => attempts >= 2)
  nobody.close()
  await once(nobody, 'close')

  await server.start()
  const event = await publish()
  await until(() => has(one, event))
  t.same(warnings(), ['NATS cannot be reached, retrying'])
})

t.test('goes on after a restart of NATS, also with the event in hand', async t => {
  const { server, queue, warnings, collect, publish } = await setUp(t)
  const open = Promise.withResolvers<void>()
  const slow: VideoEvent[] = []
  queue.consume('slow', 'video.uploaded', async ({ event }) => {
    slow.push(event)
    await open.promise
  })
  const one = collect('one')
  const first = await publish()
  await until(() => has(slow, first) && has(one, first))

  await server.stop()
  await until(() => queue.check().catch(error => /connection lost/.test(error.message)))
  await t.rejects(queue.publish(videoEvent()), /connection lost/)
  await server.start()

  const second = await publish()
  await until(() => has(one, second))
  open.resolve()
  await until(() => has(slow, second))
  // At least once: an acknowledgement that was under way when the server stopped is lost.
  const ids = (events: VideoEvent[]) => [...new Set(events.map(event => event.id))]
  t.same(ids(slow), [first.id, second.id])
  t.same(ids(one), [first.id, second.id])
  t.same(warnings(), ['NATS connection lost, retrying'])

  const { jsm } = await operator(t, server)
  await until(async () => (await jsm.consumers.info(STREAM, 'slow')).ack_floor.stream_seq === 2)
})

t.test('makes stream and consumers again where NATS comes back without its data', async t => {
  const { server, warnings, collect, publish } = await setUp(t)
  const one = collect('one')
  const ready = collect('ready', 'video.ready')
  const first = await publish()
  await until(() => has(one, first))

  await server.stop('SIGKILL')
  server.wipe()
  await server.start()

  const second = await publish()
  const other = await publish(videoEvent('video.ready'))
  await until(() => has(one, second) && has(ready, other))
  t.same(one, [first, second])
  t.match(warnings(), [
    'NATS connection lost, retrying',
    ...Array(warnings().length - 1).fill(/cannot receive events/),
  ])
  t.ok(warnings().length <= 3, 'one line for each consumer')
})

t.test('makes a deleted consumer again', async t => {
  const { server, collect, publish } = await setUp(t)
  const one = collect('one')
  const first = await publish()
  await until(() => has(one, first))
  const { jsm } = await operator(t, server)
  await jsm.consumers.delete(STREAM, 'one')
  const second = await publish()
  await until(() => has(one, second))
})

t.test('makes a deleted stream again', async t => {
  const { server, collect, publish } = await setUp(t)
  const one = collect('one')
  const first = await publish()
  await until(() => has(one, first))
  const { jsm } = await operator(t, server)
  await jsm.streams.delete(STREAM)
  const second = await publish()
  await until(() => has(one, second))
})

t.test('makes the stream and the consumers as documented', async t => {
  const { server, collect, publish } = await setUp(t)
  const one = collect('one')
  const event = videoEvent()
  await publish(event)
  await until(() => has(one, event))
  const { jsm } = await operator(t, server)
  const { config } = await jsm.streams.info(STREAM)
  t.match(config, { storage: 'file', retention: 'limits', discard: 'old' })
  t.same(config.subjects, EVENT_TYPES)
  t.equal(config.max_age, nanos(7 * 24 * 60 * 60 * 1000))
  t.equal(config.duplicate_window, nanos(120_000))
  t.match((await jsm.consumers.info(STREAM, 'one')).config, {
    filter_subject: 'video.uploaded',
    ack_policy: 'explicit',
    deliver_policy: 'all',
    ack_wait: nanos(30_000),
    max_deliver: -1,
    max_ack_pending: 64,
  })
  const stored = await jsm.streams.getMessage(STREAM, { seq: 1 })
  t.equal(stored.subject, event.type)
  t.same(stored.json(), event)
  t.equal(stored.header.get('Nats-Msg-Id'), event.id)
})

t.test("leaves an operator's settings alone, and adds the subjects that are missing", async t => {
  const { server, collect, publish } = await setUp(t)
  const { jsm } = await operator(t, server)
  const day = nanos(24 * 60 * 60 * 1000)
  await jsm.streams.add({
    name: STREAM,
    subjects: ['video.uploaded', 'other.>'],
    max_age: day,
    description: 'Mine.',
  })
  const ready = collect('ready', 'video.ready')
  const event = await publish(videoEvent('video.ready'))
  await until(() => has(ready, event))
  const { config } = await jsm.streams.info(STREAM)
  t.match(config, { max_age: day, description: 'Mine.' })
  t.same([...config.subjects].sort(), ['other.>', ...EVENT_TYPES].sort())
})

t.test('takes a wildcard of an operator for what it covers', async t => {
  const { server, collect, publish } = await setUp(t)
  const { jsm } = await operator(t, server)
  await jsm.streams.add({ name: STREAM, subjects: ['video.>'] })
  await jsm.consumers.add(STREAM, {
    durable_name: 'one',
    filter_subject: 'video.uploaded',
    ack_policy: 'explicit',
    max_ack_pending: 7,
  } as Partial<ConsumerConfig>)
  const one = collect('one')
  const event = await publish()
  await until(() => has(one, event))
  t.same((await jsm.streams.info(STREAM)).config.subjects, ['video.>'])
  t.equal((await jsm.consumers.info(STREAM, 'one')).config.max_ack_pending, 7)
})

t.test('moves a consumer that an earlier version drove by another event', async t => {
  const { server, collect, publish } = await setUp(t)
  const { jsm } = await operator(t, server)
  await jsm.streams.add({ name: STREAM, subjects: [...EVENT_TYPES] })
  await jsm.consumers.add(STREAM, {
    durable_name: 'one',
    filter_subject: 'video.probed',
    ack_policy: 'explicit',
  } as Partial<ConsumerConfig>)
  const one = collect('one')
  const event = await publish()
  await until(() => has(one, event))
})

t.test('does not count it as published when another stream has taken it', async t => {
  const { server, queue } = await setUp(t)
  const { jsm } = await operator(t, server)
  await jsm.streams.add({ name: 'OTHER', subjects: ['video.*'] })
  await until(() => queue.check().then(() => true))
  await t.rejects(queue.publish(videoEvent()), /expected stream/)
})

t.test('puts aside what is not an event', async t => {
  const { server, collect, publish, warnings } = await setUp(t)
  const one = collect('one')
  const first = await publish()
  await until(() => has(one, first))
  const { nats, jsm } = await operator(t, server)
  const garbage = ['', 'nonsense', 'null', '{"id":1}', JSON.stringify(videoEvent('video.ready'))]
  for (const data of garbage) await nats.jetstream().publish('video.uploaded', data)
  const second = await publish()
  await until(() => has(one, second))
  t.same(one, [first, second])
  t.same(warnings(), Array(garbage.length).fill('a message that is not an event was discarded'))
  await until(async () => (await jsm.consumers.info(STREAM, 'one')).num_ack_pending === 0)
})

t.test('gives an event to another where nobody reports on it, and only then', async t => {
  // Milliseconds; the machine may be busy with something else for a part of it.
  const { queue, publish } = await setUp(t, { queue: { ackWait: 4000 } })
  const over = Promise.withResolvers<void>()
  t.teardown(() => over.resolve())
  const deliveries = { silent: 0, working: 0 }
  // Three consumers each, so that there is always one to give it to.
  for (let i = 0; i < 3; i++) {
    queue.consume('silent', 'video.uploaded', async () => {
      deliveries.silent++
      await over.promise
    })
    queue.consume('working', 'video.uploaded', async delivery => {
      deliveries.working++
      const timer = setInterval(() => delivery.working(), 20)
      await over.promise.finally(() => clearInterval(timer))
    })
  }
  await publish()
  await until(() => deliveries.silent === 3)
  t.equal(deliveries.working, 1)
  over.resolve()
})

t.test('closes soon and fails soon where NATS does not answer any more', async t => {
  const { server, queue, collect, publish } = await setUp(t)
  const one = collect('one')
  const event = await publish()
  await until(() => has(one, event))
  await server.freeze()
  await t.rejects(queue.publish(videoEvent()), /no response in time/)
  await t.rejects(queue.check(), /cannot be used: no response in time/)
  // One that waits for a pull and one that waits for an answer: neither is waited for as long as an answer is.
  collect('two')
  const order: string[] = []
  const published = queue.publish(videoEvent()).catch(() => order.push('no answer'))
  await queue.close().then(() => order.push('closed'))
  await published
  t.same(order, ['closed', 'no answer'])
})

t.test('closes where NATS was never there, or is gone', async t => {
  const never = await setUp(t, { running: false })
  never.collect('one')
  await never.queue.close()
  const gone = await setUp(t)
  gone.collect('one')
  await gone.publish()
  await gone.server.stop('SIGKILL')
  await gone.queue.close()
})
