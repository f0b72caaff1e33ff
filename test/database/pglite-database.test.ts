import { spawn } from 'node:child_process'
import { once } from 'node:events'
import fs, { existsSync, statSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { join } from 'node:path'
import t from 'tap'
import { openPglite } from '../../src/database/pglite-database.ts'
import { startChildProgram } from '../support/child-program.ts'
import { COMPILE_CACHE } from '../support/compile-cache.ts'
import { seedEmbeddedDatabase } from '../support/embedded-database.ts'
import { throwAwayDirectory } from '../support/throw-away-directory.ts'
import { until } from '../support/until.ts'

t.test('a commit has reached the disk when it is reported', async t => {
  const dataDir = throwAwayDirectory('pglite')
  await seedEmbeddedDatabase(dataDir)
  const { fsyncSync } = fs
  let syncs = 0
  fs.fsyncSync = descriptor => {
    syncs += 1
    fsyncSync(descriptor)
  }
  syncBuiltinESMExports()
  t.teardown(() => {
    fs.fsyncSync = fsyncSync
    syncBuiltinESMExports()
  })
  const { db, close } = await openPglite(dataDir)
  t.teardown(close)
  for (let round = 0; round < 5; round++) {
    const before = syncs
    await db
      .insertInto('removals')
      .values({ key: `round/${round}` })
      .execute()
    t.ok(syncs > before, 'an insert is synced')
  }
  const before = syncs
  await db.transaction().execute(async trx => {
    await trx.deleteFrom('removals').execute()
  })
  t.ok(syncs > before, 'a transaction is synced')
})

t.test('rows outlive a process that is killed', async t => {
  const dataDir = throwAwayDirectory('pglite')
  await seedEmbeddedDatabase(dataDir)
  const code = `${opening(dataDir)}
    for (let n = 0; ; n++) {
      await db.insertInto('removals').values({ key: 'row/' + n }).execute()
      console.log('committed ' + n)
    }`
  const writer = await startChildProgram({
    command: process.execPath,
    args: ['--input-type=module', '--eval', code],
    ready: line => line === 'committed 20' || undefined,
    lastSignal: 'SIGKILL',
  })
  await writer.end('SIGKILL')
  const last = Number(writer.output.findLast(line => line.startsWith('committed'))!.split(' ')[1])
  const { db, close } = await openPglite(dataDir)
  t.teardown(close)
  const keys = new Set((await db.selectFrom('removals').select('key').execute()).map(row => row.key))
  for (let n = 0; n <= last; n++) t.ok(keys.has(`row/${n}`), `row ${n} was acknowledged`)
})

t.test('a first start that is cut off does not spoil the next', async t => {
  const dataDir = throwAwayDirectory('pglite')
  // Each start finds what the one before has left.
  for (const sign of ['database.new', 'database.new/pg_wal', 'database']) {
    const left = inode(join(dataDir, sign))
    const start = spawn(process.execPath, ['--input-type=module', '--eval', opening(dataDir)], {
      env: { ...process.env, ...COMPILE_CACHE },
      stdio: 'ignore',
    })
    const ended = once(start, 'exit')
    await until(() => ![undefined, left].includes(inode(join(dataDir, sign))))
    start.kill('SIGKILL')
    await ended
    t.pass(`cut off when there was ${sign}`)
  }
  const { db, close } = await openPglite(dataDir)
  t.teardown(close)
  t.same(await db.selectFrom('videos').selectAll().execute(), [])
  t.notOk(existsSync(join(dataDir, 'database.new')))
})

/** Undefined if there is no such file. */
function inode(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.ino
}

/** Source text that opens the embedded database as `db`. */
function opening(dataDir: string): string {
  const module = join(import.meta.dirname, '../../src/database/pglite-database.ts')
  return `
    const { openPglite } = await import(${JSON.stringify(module)})
    const { db } = await openPglite(${JSON.stringify(dataDir)})`
}
