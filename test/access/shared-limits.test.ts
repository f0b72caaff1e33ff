import type { Kysely } from 'kysely'
import t from 'tap'
import { RequestCounts } from '../../src/access/request-counts.ts'
import { SharedShareCounts } from '../../src/access/shared-share-counts.ts'
import { openPostgres } from '../../src/database/pg-database.ts'
import type { Schema } from '../../src/database/schema.ts'
import { startPostgres } from '../support/postgres.ts'
import { recordedLog } from '../support/recorded-log.ts'
import { until } from '../support/until.ts'

const { log } = recordedLog()
const postgres = await startPostgres()
const { db, close } = await openPostgres(await postgres.createDatabase(), log)
t.teardown(async () => {
  await close()
  await postgres.stop()
})
let statementCount = 0
const counted: Kysely<Schema> = db.withPlugin({
  transformQuery: ({ node }) => {
    statementCount++
    return node
  },
  transformResult: async ({ result }) => result,
})
const WINDOW_MS = 60_000
const processes = <T>(make: () => T) => Array.from({ length: 3 }, make)

/** @returns how many of `tries` requests, one after the other at each process, are accepted. */
async function accepted(counts: readonly RequestCounts[], key: string, max: number, tries: number) {
  const each = counts.map(async (count, n) => {
    let granted = 0
    for (let i = n; i < tries; i += counts.length)
      if ((await count.add(key, max, WINDOW_MS)).current <= max) granted++
    return granted
  })
  return (await Promise.all(each)).reduce((sum, one) => sum + one)
}

await t.test('requests to three processes are limited together', async t => {
  for (const max of [1, 2, 7, 100, 1000]) {
    statementCount = 0
    const all = processes(() => new RequestCounts(counted, log))
    const granted = await accepted(all, `max ${max}`, max, 3 * max + 30)
    const slack = Math.max(1, max / 50)
    t.ok(granted >= max && granted <= max + 3 * slack, `${granted} of at most ${max}`)
    if (max === 1000) t.ok(statementCount < 250, `${statementCount} statements`)
    const late = new RequestCounts(counted, log)
    const known = await accepted([late], `max ${max}`, max, max + 10)
    t.ok(known <= slack, `a process that comes later grants ${known} more`)
  }
})

await t.test('requests in parallel', async t => {
  const all = processes(() => new RequestCounts(counted, log))
  const answers = await Promise.all(
    Array.from({ length: 900 }, (_, n) => all[n % 3]!.add('parallel', 200, WINDOW_MS)),
  )
  const granted = answers.filter(({ current }) => current <= 200).length
  t.ok(granted >= 200 && granted <= 212, `${granted} of at most 200`)
})

await t.test('one process alone counts exactly, also with a database that is away', async t => {
  t.equal(await accepted([new RequestCounts(counted, log)], 'alone', 333, 600), 333)
  statementCount = 0
  t.equal(await accepted([new RequestCounts(counted, log)], 'quiet', 3000, 25), 25)
  t.equal(statementCount, 0, 'few requests cost no statement')

  const [one, two] = [new RequestCounts(counted, log), new RequestCounts(counted, log)]
  await accepted([one], 'outage', 100, 90)
  await postgres.kill()
  t.equal(await accepted([one], 'outage', 100, 50), 10)
  t.equal(await accepted([one], 'new', 100, 150), 100)
  await postgres.start()
  await until(async () => {
    await one.add('new', 1000, WINDOW_MS)
    return (await two.add('new', 100, WINDOW_MS)).current > 100
  })
})

await t.test('a window ends for all', async t => {
  const [one, two] = [new RequestCounts(counted, log), new RequestCounts(counted, log)]
  const add = async (count: RequestCounts) => (await count.add('window', 3, 1000)).current <= 3
  for (let i = 0; i < 3; i++) t.ok(await add(one))
  t.notOk(await add(one))
  await until(async () => !(await add(two)))
  t.ok((await two.add('window', 3, 1000)).ttl <= 1000)
  await until(() => add(two))
  await until(() => add(one))
})

await t.test('what is in use at the same time is limited together', async t => {
  for (const most of [16, 100]) {
    const all = processes(() => new SharedShareCounts(counted, log))
    const takes = await Promise.all(
      Array.from({ length: 3 * most }, (_, n) => all[n % 3]!.take(`share ${most}`, most)),
    )
    const releases = takes.filter(release => release !== undefined)
    t.ok(releases.length >= most && releases.length <= most + 6, `${releases.length} of at most ${most}`)
    for (const release of releases) release()
    const [one, two] = all
    const again = await until(async () => {
      const release = await one!.take(`share ${most}`, most)
      return release && [release]
    })
    while (again.length < most - 2) {
      const release = await one!.take(`share ${most}`, most)
      if (release) again.push(release)
    }
    const others: (() => void)[] = []
    for (let i = 0; i < most; i++) {
      const release = await two!.take(`share ${most}`, most)
      if (release) others.push(release)
    }
    t.ok(again.length + others.length <= most + 4, `${again.length} and ${others.length}`)
    for (const release of again) release()
    await until(() => two!.take(`share ${most}`, most))
    await Promise.all(all.map(one => one.close()))
  }
})

await t.test('few uses cost no statement, and those of a process that died end', async t => {
  const [one, two] = [new SharedShareCounts(counted, log), new SharedShareCounts(counted, log)]
  statementCount = 0
  for (let i = 0; i < 20; i++) (await one.take('few', 16))!()
  t.equal(statementCount, 0)
  for (let i = 0; i < 16; i++) await one.take('dead', 16)
  t.equal(await until(async () => (await two.take('dead', 16)) === undefined), true)
  await db
    .updateTable('share_counts')
    .set({ held_until: new Date(0) })
    .execute()
  await until(() => two.take('dead', 16))
  await two.close()
  t.same(await db.selectFrom('share_counts').select('key').where('held_until', '>', new Date()).execute(), [])
  await one.close()
})
