import t from 'tap'
import { Loop, type LoopOptions } from '../../src/base/loop.ts'
import { recordedLog } from '../support/recorded-log.ts'
import { until } from '../support/until.ts'

/** So long that only wake() can have been the reason for a turn. */
const NEVER_MS = 3_600_000

function setUp(turn: (count: number, signal: AbortSignal) => unknown, options: Partial<LoopOptions> = {}) {
  const { log, lines } = recordedLog()
  let turns = 0
  let current = 0
  let most = 0
  const run = async (signal: AbortSignal) => {
    most = Math.max(most, ++current)
    try {
      return await turn(++turns, signal)
    } finally {
      current--
    }
  }
  const loop = new Loop(run, {
    intervalMs: NEVER_MS,
    log,
    failed: 'it failed',
    recovered: 'it works again',
    ...options,
  })
  t.teardown(() => loop.stop())
  return {
    loop,
    turns: () => turns,
    most: () => most,
    messages: () => lines.map(({ msg }) => msg),
    lines,
  }
}

/** Timers that keep this process alive. */
const timers = () => process.getActiveResourcesInfo().filter(name => name === 'Timeout').length
/** Long enough for a turn that is to begin at once. */
const nextMoment = async () => {
  for (let n = 0; n < 5; n++) await new Promise(resolve => setImmediate(resolve))
}

t.test('the first turn is at once, the others follow the interval', async t => {
  const { loop, turns, most } = setUp(() => {}, { intervalMs: 1, jitter: 0.5 })
  t.equal(turns(), 0)
  loop.start()
  loop.start()
  t.equal(turns(), 1)
  await until(() => turns() > 5)
  t.equal(most(), 1)
  await loop.stop()
})

t.test('the first turn waits if it is told to, for wake() at the latest', async t => {
  const { loop, turns } = setUp(() => {}, { waitsFirst: true })
  loop.start()
  await nextMoment()
  t.equal(turns(), 0)
  loop.wake()
  await until(() => turns() === 1)
  const soon = setUp(() => {}, { waitsFirst: true, intervalMs: 1 })
  soon.loop.start()
  await until(() => soon.turns() > 1)
  await soon.loop.stop()
})

t.test(
  'wake() during a turn starts one more, however often it is called, and never a second at the same time',
  async t => {
    const gate = Promise.withResolvers<void>()
    const { loop, turns, most } = setUp(count => (count === 1 ? gate.promise : undefined))
    loop.start()
    for (let n = 0; n < 10; n++) loop.wake()
    await nextMoment()
    t.equal(turns(), 1)
    gate.resolve()
    await until(() => turns() === 2)
    await nextMoment()
    t.equal(turns(), 2)
    for (let n = 0; n < 10; n++) loop.wake()
    await until(() => turns() === 3)
    await nextMoment()
    t.equal(turns(), 3)
    t.equal(most(), 1)
  },
)

t.test('wake() from within a turn starts one more', async () => {
  const { loop, turns } = setUp(count => {
    if (count < 3) loop.wake()
  })
  loop.start()
  await until(() => turns() === 3)
})

t.test('a loop that always has more to do leaves room for everything else, and can be stopped', async t => {
  const busy = setUp(() => true)
  const awake = setUp(() => awake.loop.wake())
  for (const { loop } of [busy, awake]) loop.start()
  await until(() => busy.turns() > 10 && awake.turns() > 10)
  for (const { loop } of [busy, awake]) await loop.stop()
  t.equal(busy.most(), 1)
})

t.test('a turn that has more to do is followed by another at once', async t => {
  const { loop, turns } = setUp(count => count < 4)
  loop.start()
  await until(() => turns() === 4)
  await nextMoment()
  t.equal(turns(), 4)
})

t.test(
  'a failure is logged once, and the loop goes on after a delay that wake() does not shorten',
  async t => {
    let error: Error | undefined = new Error('down')
    const { loop, turns, messages, lines } = setUp(
      () => {
        loop.wake()
        if (error) throw error
      },
      { intervalMs: 2 },
    )
    loop.start()
    await until(() => turns() >= 4)
    t.same(messages(), ['it failed'])
    t.match(lines[0], { level: 50, err: { message: 'down' } })
    error = new Error('down in another way')
    await until(() => messages().length === 2)
    error = undefined
    await until(() => messages().length === 3)
    t.same(messages(), ['it failed', 'it failed', 'it works again'])
    await loop.stop()
  },
)

t.test('a turn that throws before it awaits anything is a failure too', async () => {
  const { log, lines } = recordedLog()
  const loop = new Loop(
    () => {
      throw new Error('at once')
    },
    { intervalMs: 1, log, failed: 'it failed' },
  )
  loop.start()
  await until(() => lines.length === 1)
  await loop.stop()
})

t.test('stop() waits for the turn, tells it why, and leaves no timer', async t => {
  const before = timers()
  const gate = Promise.withResolvers<void>()
  const reason = new Error('enough')
  let seen: AbortSignal | undefined
  const { loop, turns, messages } = setUp((_, signal) => {
    seen = signal
    return gate.promise
  })
  loop.start()
  let isStopped = false
  const stopping = loop.stop(reason).then(() => {
    isStopped = true
  })
  await nextMoment()
  t.equal(isStopped, false)
  t.equal(seen?.reason, reason)
  loop.wake()
  gate.reject(new Error('because it was stopped'))
  await stopping
  t.equal(turns(), 1)
  t.same(messages(), [], 'an error after stop() is no failure')
  loop.wake()
  loop.start()
  await nextMoment()
  t.equal(turns(), 1)
  t.equal(timers(), before)
})

t.test('stop() ends every kind of rest, and a loop that never began', async t => {
  const before = timers()
  const resting = setUp(() => {})
  const waiting = setUp(() => {}, { waitsFirst: true })
  const failing = setUp(() => Promise.reject(new Error('down')))
  for (const { loop } of [resting, waiting, failing]) loop.start()
  await until(() => failing.messages().length === 1)
  t.equal(timers(), before + 3)
  for (const { loop } of [resting, waiting, failing, setUp(() => {})]) await loop.stop()
  t.equal(timers(), before)
  t.same([resting.turns(), waiting.turns(), failing.turns()], [1, 0, 1])
  const never = setUp(() => {})
  await never.loop.stop()
  never.loop.start()
  await nextMoment()
  t.equal(never.turns(), 0)
})

t.test('a turn may stop its own loop', async t => {
  const { loop, turns } = setUp(() => void loop.stop(), { intervalMs: 1 })
  loop.start()
  await loop.stop()
  t.equal(turns(), 1)
})

t.test('an interval that no timer can hold is long all the same', async t => {
  const { loop, turns } = setUp(() => {}, { intervalMs: 1e12 })
  loop.start()
  await nextMoment()
  await nextMoment()
  t.equal(turns(), 1)
})
