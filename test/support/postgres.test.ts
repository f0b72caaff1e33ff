import { existsSync } from 'node:fs'
import pg from 'pg'
import t from 'tap'
import { startChildProgram } from './child-program.ts'
import { startPostgres } from './postgres.ts'

const postgres = await startPostgres()
t.teardown(() => postgres.stop())

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client(url)
  await client.connect()
  try {
    return (await client.query(sql)).rows
  } finally {
    await client.end()
  }
}

t.test('is durable, and knows letters beyond ASCII', async t => {
  const url = await postgres.createDatabase()
  t.match(await query(url, "SELECT current_setting('fsync') AS fsync"), [{ fsync: 'on' }])
  t.match(await query(url, "SELECT current_setting('synchronous_commit') AS commit"), [{ commit: 'on' }])
  t.same(await query(url, "SELECT lower('ÄÖŁ') AS lower, to_tsvector('simple', 'ÉCOLE')::text AS words"), [
    { lower: 'äöł', words: "'école':1" },
  ])
})

t.test('gives each caller a database of its own', async t => {
  const [one, other] = await Promise.all([postgres.createDatabase(), postgres.createDatabase()])
  await query(one, 'CREATE TABLE things (name text)')
  t.same(await query(other, "SELECT to_regclass('things') AS found"), [{ found: null }])
})

for (const how of ['kill', 'stop'] as const) {
  t.test(`${how} and start keep what was committed`, async t => {
    const url = await postgres.createDatabase()
    await query(url, 'CREATE TABLE things (name text)')
    await query(url, "INSERT INTO things VALUES ('kept')")
    await postgres[how]()
    await t.rejects(query(url, 'SELECT 1'), { code: 'ECONNREFUSED' })
    await postgres.start()
    t.same(await query(url, 'SELECT name FROM things'), [{ name: 'kept' }])
  })
}

t.test('goes with the process that started it', async t => {
  const script = `
    const { startPostgres } = await import(${JSON.stringify(import.meta.resolve('./postgres.ts'))})
    console.log((await startPostgres()).url('postgres'))
    setInterval(() => {}, 1000)`
  const child = await startChildProgram({
    command: process.execPath,
    args: ['--input-type=module', '--eval', script],
    ready: line => (line.startsWith('postgres:') ? line : undefined),
    lastSignal: 'SIGKILL',
  })
  const [row] = await query(child.ready, "SELECT current_setting('data_directory') AS directory")
  const { directory } = row as { directory: string }
  t.ok(existsSync(directory))
  t.match(await child.end('SIGTERM'), { code: 143 })
  t.notOk(existsSync(directory))
  await t.rejects(query(child.ready, 'SELECT 1'), { code: 'ECONNREFUSED' })
})
