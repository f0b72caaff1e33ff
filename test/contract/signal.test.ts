import pg from 'pg'
import t from 'tap'
import { LocalSignal, type Topic } from '../../src/base/signal.ts'
import { announce } from '../../src/database/announce.ts'
import { openPostgres } from '../../src/database/pg-database.ts'
import { PgSignal } from '../../src/database/pg-signal.ts'
import { ProcessSession } from '../../src/database/process-session.ts'
import { startPostgres } from '../support/postgres.ts'
import { recordedLog } from '../support/recorded-log.ts'
import { until } from '../support/until.ts'

function counted(signal: LocalSignal | PgSignal) {
  const counts: Record<Topic, number> = { events: 0, deliveries: 0, steps: 0 }
  const ends = (Object.keys(counts) as Topic[]).map(topic => signal.on(topic, () => void counts[topic]++))
  return { counts, end: () => ends.forEach(end => void end()) }
}

t.test('within a process', async t => {
  const signal = new LocalSignal()
  const { counts, end } = counted(signal)
  const other = counted(signal)
  signal.emit('steps')
  signal.emit('events')
  t.same(counts, { events: 1, deliveries: 0, steps: 1 })
  end()
  signal.emit('steps')
  t.same(counts, { events: 1, deliveries: 0, steps: 1 })
  t.same(other.counts, { events: 1, deliveries: 0, steps: 2 })
})

t.test('between processes', async t => {
  const postgres = await startPostgres()
  t.teardown(() => postgres.stop())
  const [url, otherUrl] = [await postgres.createDatabase(), await postgres.createDatabase()]
  const { log, lines } = recordedLog()
  const open = async (url: string) => {
    const session = new ProcessSession(url, log)
    t.teardown(() => session.close())
    await session.open()
    return PgSignal.open(session)
  }
  const signals = [await open(url), await open(url)] as const
  const stranger = await open(otherUrl)
  const [one, two] = signals.map(counted) as [ReturnType<typeof counted>, ReturnType<typeof counted>]
  const foreign = counted(stranger)

  await t.test('a shared topic reaches both, and the sender once; others stay here', async t => {
    signals[0].emit('events')
    signals[0].emit('steps')
    t.same(one.counts, { events: 1, deliveries: 0, steps: 1 }, 'here it is heard at once')
    await until(() => two.counts.steps === 1)
    signals[1].emit('deliveries')
    await until(() => one.counts.deliveries === 1)
    t.same(one.counts, { events: 1, deliveries: 1, steps: 1 })
    t.same(two.counts, { events: 0, deliveries: 1, steps: 1 })
    t.same(foreign.counts, { events: 0, deliveries: 0, steps: 0 }, 'another database hears nothing')
  })

  await t.test('many at once are few messages', async t => {
    const before = two.counts.steps
    for (let n = 0; n < 1000; n++) signals[0].emit('steps')
    await until(() => two.counts.steps > before)
    signals[0].emit('deliveries')
    const { deliveries } = two.counts
    await until(() => two.counts.deliveries > deliveries)
    t.ok(two.counts.steps - before <= 2, `${two.counts.steps - before}`)
  })

  await t.test('a command announces with its commit', async t => {
    const { db, close } = await openPostgres(url, log)
    t.teardown(close)
    const before = two.counts.steps
    await t.rejects(
      db.transaction().execute(async trx => {
        await announce(trx, 'steps')
        throw new Error('rolled back')
      }),
    )
    await announce(db, 'deliveries')
    await until(() => two.counts.deliveries > 2)
    t.equal(two.counts.steps, before)
    await db.transaction().execute(trx => announce(trx, 'steps'))
    await until(() => two.counts.steps > before && one.counts.steps > before)
  })

  await t.test('a message that is none of these is ignored', async () => {
    const { steps } = two.counts
    const client = new pg.Client(url)
    await client.connect()
    await client.query(`select pg_notify('longtake', m) from unnest($1::text[]) as m`, [
      ['events', '', 'x', '__proto__', 'steps'],
    ])
    await client.end()
    await until(() => two.counts.steps > steps)
    t.equal(two.counts.events, 0)
  })

  await t.test(
    'a connection that is cut is made again, and what may have been missed is looked for',
    async () => {
      const { steps } = two.counts
      const client = new pg.Client(url)
      await client.connect()
      await client.query(
        "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'longtake process' and datname = current_database()",
      )
      await client.end()
      await until(() => two.counts.steps > steps && one.counts.steps > steps)
      const before = { ...one.counts }
      signals[1].emit('deliveries')
      await until(() => one.counts.deliveries > before.deliveries)
    },
  )

  await t.test(
    'a server that is away is no error for who emits, and gets the signal when it is back',
    async t => {
      await postgres.kill()
      await until(() => lines.some(({ msg }) => msg.startsWith('no messages from other processes')))
      t.doesNotThrow(() => signals[0].emit('steps'))
      const { steps } = two.counts
      await postgres.start()
      await until(() => two.counts.steps > steps)
      await until(() => lines.some(({ msg }) => msg === 'messages from other processes arrive again'))
    },
  )

  await t.test('what was emitted just before the end is sent', async t => {
    const { deliveries } = one.counts
    signals[1].emit('deliveries')
    await signals[1].close()
    await until(() => one.counts.deliveries > deliveries)
    t.doesNotThrow(() => signals[1].emit('steps'))
  })
})
