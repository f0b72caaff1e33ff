import t, { type Test } from 'tap'
import { v7 as uuid } from 'uuid'
import { MemoryLocks } from '../../src/uploads/locks/memory-locks.ts'
import type { UploadLocks } from '../../src/uploads/locks/upload-locks.ts'
import { failure } from '../support/failure.ts'
import { holdLock } from '../support/hold-lock.ts'
import { until } from '../support/until.ts'

interface Subject {
  /** Locks of a process. */
  readonly newLocks: (t: Test) => Promise<UploadLocks>
  /** @returns the id of an upload that exists. */
  readonly newUpload: () => Promise<string>
}

const LOCKED = { status: 423, code: 'upload_locked' }

await t.test('in memory', t =>
  keepsContract(t, { newLocks: async () => new MemoryLocks(), newUpload: async () => uuid() }),
)

async function keepsContract(t: Test, { newLocks, newUpload }: Subject): Promise<void> {
  await t.test('each upload has a lock of its own', async t => {
    const locks = await newLocks(t)
    const [a, b, free] = [await newUpload(), await newUpload(), await newUpload()]
    const [first, second] = [await holdLock(locks, a), await holdLock(locks, b)]
    t.same([a, b, free].map(locks.isBusy, locks), [true, true, false])
    await first.end()
    t.same([a, b].map(locks.isBusy, locks), [false, true])
    await second.end()
  })

  await t.test('a newcomer asks the holder to release, and waits until it has', async t => {
    const locks = await newLocks(t)
    const id = await newUpload()
    const reasons: string[] = []
    const holder = await holdLock(locks, id, { onRelease: reason => void reasons.push(reason) })
    t.equal(holder.hold.releaseReason, undefined)
    let locked = false
    const newcomer = holdLock(locks, id, { reason: 'deletion' }).then(held => {
      locked = true
      return held
    })
    await until(() => reasons.length > 0)
    t.notOk(locked)
    t.equal(holder.hold.releaseReason, 'deletion')
    await holder.end()
    await (await newcomer).end()
    t.notOk(locks.isBusy(id))
    t.same(reasons, ['deletion'])
  })

  await t.test('of many that come at once each is the only writer, and all have their turn', async t => {
    const locks = await newLocks(t)
    const id = await newUpload()
    let [writers, turns] = [0, 0]
    const write = () => {
      const asked = Promise.withResolvers<void>()
      return locks.run(
        id,
        async () => {
          writers++
          if (writers !== 1) t.fail(`${writers} at once`)
          if (turns < 49) await asked.promise
          writers--
          turns++
        },
        { onRelease: () => asked.resolve() },
      )
    }
    await Promise.all(Array.from({ length: 50 }, write))
    t.equal(turns, 50)
  })

  await t.test('a newcomer whose client goes away stops waiting, and gets nothing', async t => {
    const locks = await newLocks(t)
    const id = await newUpload()
    const holder = await holdLock(locks, id)
    const gone = new AbortController()
    const waiting = failure(holdLock(locks, id, { signal: gone.signal }))
    gone.abort()
    t.match(await waiting, LOCKED)
    t.match(await failure(holdLock(locks, id, { signal: AbortSignal.abort() })), LOCKED)
    await holder.end()
    t.notOk(locks.isBusy(id))
    await (await holdLock(locks, id)).end()
  })

  await t.test('a newcomer does not wait for ever for a holder that never releases', async t => {
    const locks = await newLocks(t)
    const id = await newUpload()
    const holder = await holdLock(locks, id)
    t.match(await failure(holdLock(locks, id)), LOCKED)
    await holder.end()
  })

  await t.test('tryRun runs only if nobody writes, and disturbs nobody', async t => {
    const locks = await newLocks(t)
    const id = await newUpload()
    t.equal(await locks.tryRun(id, async () => 7), 7)
    const holder = await holdLock(locks, id, { onRelease: reason => t.fail(reason) })
    t.equal(await locks.tryRun(id, async () => t.fail('not while it is held')), undefined)
    await holder.end()

    const [begun, over] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const first = locks.tryRun(id, () => {
      begun.resolve()
      return over.promise
    })
    await begun.promise
    t.equal(await locks.tryRun(id, async () => 7), undefined, 'nor two at once')
    t.same([locks.holdOf(id) !== undefined, locks.isBusy(id)], [true, false], 'it is no client that writes')
    const newcomer = holdLock(locks, id)
    over.resolve()
    await first
    await (await newcomer).end()
    t.equal(locks.holdOf(id), undefined)
  })

  await t.test('work that fails releases', async t => {
    const locks = await newLocks(t)
    const id = await newUpload()
    const fail = () => Promise.reject(new Error('no'))
    t.match(await failure(locks.tryRun(id, fail)), { message: 'no' })
    t.match(await failure(locks.run(id, fail)), { message: 'no' })
    t.match(await failure(locks.run(id, fail, { isNew: true })), { message: 'no' })
    t.equal(await locks.tryRun(id, async () => 7), 7)
  })

  await t.test('a holder is busy while bytes arrive', async t => {
    const locks = await newLocks(t)
    const id = await newUpload()
    const holder = await holdLock(locks, id)
    await until(() => !locks.isBusy(id))
    locks.progress(id)
    t.ok(locks.isBusy(id))
    await holder.end()
    locks.progress(id)
    t.notOk(locks.isBusy(id), 'progress without a holder counts for nothing')
  })

  await t.test('a silent holder is asked to release, one with progress is not', async t => {
    const locks = await newLocks(t)
    const [silent, lively] = [await newUpload(), await newUpload()]
    const asked: string[] = []
    const holders = [
      await holdLock(locks, silent, { onRelease: () => void asked.push('silent') }),
      await holdLock(locks, lively, { onRelease: () => void asked.push('lively') }),
    ]
    const progress = setInterval(() => locks.progress(lively), 5)
    for (const id of [silent, lively]) locks.endSilent(id, 200)
    await until(() => asked.length > 0)
    t.same(asked, ['silent'])
    clearInterval(progress)
    for (const holder of holders) await holder.end()
  })

  await t.test('all holders can be asked to release, and nobody gets a lock from then on', async t => {
    const locks = await newLocks(t)
    const ids = [await newUpload(), await newUpload()]
    for (const id of ids) {
      const asked = Promise.withResolvers<void>()
      const holder = await holdLock(locks, id, { onRelease: () => asked.resolve() })
      void asked.promise.then(() => setImmediate(() => void holder.end()))
    }
    const waiting = failure(holdLock(locks, ids[0]!))
    await locks.releaseAll()
    t.same(ids.map(locks.isBusy, locks), [false, false])
    const stopping = { status: 503, code: 'stopping' }
    t.match(await waiting, stopping)
    t.match(await failure(holdLock(locks, ids[1]!)), stopping)
  })

  await t.test('the holder is confirmed while nobody took its lock', async t => {
    const locks = await newLocks(t)
    const id = await newUpload()
    const holder = await holdLock(locks, id)
    t.ok(await locks.confirm(id))
    await holder.end()
  })
}
