import { pino } from 'pino'
import t from 'tap'
import { MemoryQueue } from '../../src/messaging/memory-queue.ts'
import type { VideoEvent } from '../../src/messaging/queue.ts'
import { until } from '../support/until.ts'
import { videoEvent } from '../support/video-event.ts'

t.test('keeps no more than it was told, the newest', async t => {
  const queue = new MemoryQueue(pino({ level: 'silent' }), { keep: 2 })
  t.teardown(() => queue.close())
  const open = Promise.withResolvers<void>()
  const busy: VideoEvent[] = []
  queue.consume('busy', 'video.uploaded', async ({ event }) => {
    busy.push(event)
    await open.promise
  })
  const events = [videoEvent(), videoEvent(), videoEvent(), videoEvent()]
  for (const event of events) {
    await queue.publish(event)
    await until(() => busy.length)
  }
  const late: VideoEvent[] = []
  queue.consume('late', 'video.uploaded', async ({ event }) => void late.push(event))
  await until(() => late.length === 2)
  t.same(late, events.slice(2))
  open.resolve()
  await until(() => busy.length === 3)
  t.same(busy, [events[0], ...events.slice(2)])
})
