import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { StorageFullError } from '../../src/objects/object-storage.ts'
import { Reserve } from '../../src/objects/reserve.ts'
import { throwAwayDirectory } from '../support/throw-away-directory.ts'
import { until } from '../support/until.ts'

/** Work that finds the disk full, and `then` once there is room. */
const full = (then: () => Promise<void>) => {
  let count = 0
  return async () => {
    if (count++ === 0) throw new StorageFullError()
    await then()
  }
}
const held = (reserve: Reserve) =>
  reserve.requireHeld().then(
    () => true,
    () => false,
  )

t.test('of processes on one disk, none gives uploads what another has released for a deletion', async t => {
  const directory = throwAwayDirectory('reserve')
  const [one, two, three] = [new Reserve(directory), new Reserve(directory), new Reserve(directory)]
  t.same(await Promise.all([one.make(), two.make(), three.make()]), [true, true, true])
  const files = () => readdirSync(join(directory, 'reserve'))
  t.same(files().sort(), ['0', '1', '2', '3', '4', '5', '6', '7'], 'made once, by all together')
  t.ok(await held(two))

  const room = Promise.withResolvers<void>()
  const deletion = one.spend(
    full(async () => {
      t.notOk(existsSync(join(directory, 'reserve')))
      room.resolve()
      t.notOk(await held(one), 'nor the process that deletes')
      await until(async () => !(await held(two)))
      // A second deletion uses what the first has released, and does not fail.
      await three.spend(full(async () => {}))
    }),
  )
  await room.promise
  await deletion
  t.equal(files().length, 8, 'it is made again')
  for (const reserve of [one, two, three]) await until(() => held(reserve))
  t.same(readdirSync(directory), ['reserve'])
})

t.test('a release that a process did not finish before it died', async t => {
  const directory = throwAwayDirectory('half-released')
  mkdirSync(join(directory, '.reserve-released'))
  writeFileSync(join(directory, '.reserve-released', '7'), 'x')
  const reserve = new Reserve(directory)
  t.notOk(await held(reserve))
  t.ok(await reserve.make())
  t.ok(await held(reserve))
  t.same(readdirSync(directory), ['reserve'])
})

t.test('without a reserve uploads go on, and a full disk is an error', async t => {
  const reserve = new Reserve(throwAwayDirectory('no-reserve'))
  t.ok(await held(reserve))
  await t.rejects(reserve.spend(full(async () => {})), StorageFullError)
})
