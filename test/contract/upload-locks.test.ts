import { join } from 'node:path'
import { mock } from 'node:test'
import { pino } from 'pino'
import t, { type Test } from 'tap'
import { v7 as uuid } from 'uuid'
import { openPostgres } from '../../src/database/pg-database.ts'
import { ProcessSession } from '../../src/database/process-session.ts'
import { enterUpload } from '../../src/uploads/core/creation.ts'
import { advanceOffsets, findUpload } from '../../src/uploads/core/upload-rows.ts'
import type { LockMessage, LockMessages } from '../../src/uploads/locks/lock-messages.ts'
import { MemoryLocks } from '../../src/uploads/locks/memory-locks.ts'
import { PgLockMessages } from '../../src/uploads/locks/pg-lock-messages.ts'
import { PostgresLocks } from '../../src/uploads/locks/postgres-locks.ts'
import type { Hold, UploadLocks } from '../../src/uploads/locks/upload-locks.ts'
import { addUpload } from '../support/catalogue-rows.ts'
import { startChildProgram } from '../support/child-program.ts'
import { failure } from '../support/failure.ts'
import { freeze } from '../support/freeze.ts'
import { holdLock } from '../support/hold-lock.ts'
import { startPostgres } from '../support/postgres.ts'
import { until } from '../support/until.ts'

interface Subject {
  /** Locks of a process. */
  readonly newLocks: (t: Test) => Promise<UploadLocks>
  /** @returns the id of an upload that exists. */
  readonly newUpload: () => Promise<string>
}

/** A newcomer waits this long for the answer of a holder in another process. */
const ANSWER_TIMEOUT_MS = 60
const LOCKED = { status: 423, code: 'upload_locked' }

await t.test('in memory', t =>
  keepsContract(t, { newLocks: async () => new MemoryLocks(), newUpload: async () => uuid() }),
)

await t.test('in PostgreSQL', async t => {
  const log = pino({ level: 'silent' })
  const postgres = await startPostgres()
  t.teardown(() => postgres.stop())
  const url = await postgres.createDatabase()
  const { db, close } = await openPostgres(url, log)
  t.teardown(close)
  const newUpload = () => addUpload(db, { length: 100 })
  const newLocks = async (t: Test) => {
    const holder = uuid()
    const session = new ProcessSession(url, log)
    t.teardown(() => session.close())
    await session.open()
    const messages = await PgLockMessages.open(session, holder)
    return new PostgresLocks({ holder, db, messages, log })
  }
  const rowOf = async (id: string) => (await findUpload(db, id))!
  const advance = (id: string, from: number, { generation }: Hold) =>
    advanceOffsets(db, [{ id, from, to: from + 1, state: null, generation: generation! }], 60)

  await keepsContract(t, { newLocks, newUpload })

  await t.test('a process keeps what it holds, and another one makes the generation increase', async t => {
    const [one, two] = [await newLocks(t), await newLocks(t)]
    let generations: (number | undefined)[] = []
    /** @returns the upload's id if each process has answered in time; on a machine that is busy it may not. */
    const inTurns = async () => {
      const id = await newUpload()
      generations = []
      let isInTime = true
      for (const locks of [one, one, two, two, one])
        await locks.run(id, async hold => {
          generations.push(hold.generation)
          isInTime &&= !hold.takeover
          t.equal((await advance(id, (await rowOf(id)).offset, hold)).length, 1)
        })
      return isInTime && id
    }
    const id = await until(inTurns)
    t.same(generations, [2, 2, 3, 3, 4])
    t.match(await rowOf(id), { generation: 4, lock_holder: one.holder })
  })

  await t.test('a process that creates an upload holds it', async t => {
    const locks = await newLocks(t)
    const id = uuid()
    const limits = { maxUnfinished: 10, quota: undefined }
    await locks.run(
      id,
      async ({ generation }) => {
        t.equal(generation, 1)
        const row = { id, length: 100, metadata: {}, requestId: 'r', holder: locks.holder }
        const uploader = { requestId: 'r', owner: null }
        await enterUpload(db, row, { uploader, once: undefined, bytes: 100, limits, expiry: 60 })
      },
      { isNew: true },
    )
    await db.updateTable('uploads').set({ lock_holder: null }).where('id', '=', id).execute()
    await locks.run(id, async hold => t.equal(hold.generation, 1))
    t.match(await rowOf(id), { generation: 1, lock_holder: null }, 'without a statement')
  })

  await t.test('a writer in another process is asked, and what it saves in time counts', async t => {
    const [one, two] = [await newLocks(t), await newLocks(t)]
    /** @returns whether the writer was in time; on a machine that is busy it may not be. */
    const askInTime = async () => {
      const id = await newUpload()
      const asked = Promise.withResolvers<string>()
      const writing = one.run(
        id,
        async hold => {
          const reason = await asked.promise
          return { reason, saved: await advance(id, 0, hold), held: await one.confirm(id) }
        },
        { onRelease: asked.resolve },
      )
      await until(async () => (await rowOf(id)).lock_holder === one.holder)
      const tried = await two.tryRun(id, async () => 'while it writes')
      const isInTime = await two.run(id, async ({ takeover }) => !takeover, { reason: 'deletion' })
      const { reason, saved, held } = await writing
      if (!isInTime || tried) return false
      t.equal(reason, 'deletion')
      t.equal(saved.length, 1)
      t.ok(held)
      t.match(await rowOf(id), { offset: 1, lock_holder: two.holder })
      t.equal(await one.tryRun(id, async () => 7), 7, 'nobody writes now')
      return true
    }
    await until(askInTime)
  })

  await t.test(
    'a writer that does not release in time is replaced: it changes nothing, and learns that',
    async t => {
      const [one, two] = [await newLocks(t), await newLocks(t)]
      const id = await newUpload()
      const slow = await holdLock(one, id)
      await two.run(id, async hold => {
        t.equal(hold.takeover, true)
        t.same(await advance(id, 0, slow.hold), [])
        t.equal(await one.confirm(id), false)
        t.equal((await advance(id, 0, hold)).length, 1)
        t.ok(await two.confirm(id))
      })
      await slow.end()
      await one.run(id, async hold => t.equal(hold.generation, slow.hold.generation! + 2))
    },
  )

  await t.test('a client is told an offset when the holder in another process knows', async t => {
    mock.timers.enable({ apis: ['setTimeout'] })
    t.teardown(() => mock.timers.reset())
    const [holder, other] = [uuid(), uuid()]
    const sent: LockMessage[] = []
    const listeners: ((message: LockMessage) => void)[] = []
    const messages: LockMessages = {
      isOpen: true,
      send: async (_to, message) => sent.push(message) > 0,
      onMessage: listener => listeners.push(listener),
      onMissed: () => {},
    }
    const locks = new PostgresLocks({ holder, db, messages, log })
    const receive = (message: LockMessage) => {
      for (const listener of listeners) listener(message)
    }
    const id = uuid()
    const steps: string[] = []
    const told = locks.notePromise({ id, offset: 5, lock_holder: other }).then(() => steps.push('told'))
    await new Promise(setImmediate)
    const [question] = sent
    t.match(question, { kind: 'told', id, offset: 5 })
    steps.push('answered')
    receive({ kind: 'answer', id, number: (question as { number: number }).number, answer: 'noted' })
    await told
    t.same(steps, ['answered', 'told'])

    locks.onChange(changed => steps.push(`changed ${changed}`))
    await locks.run(
      id,
      async hold => {
        receive({ kind: 'told', id, offset: 7, from: other, number: 1 })
        await new Promise(setImmediate)
        t.equal(hold.promisedOffset, 7)
      },
      { isNew: true },
    )
    t.equal(steps.at(-1), `changed ${id}`)
    t.match(sent.at(-1), { kind: 'answer', number: 1, answer: 'noted' })
    await locks.notePromise({ id, offset: 5, lock_holder: holder })
    await locks.notePromise({ id, offset: 5, lock_holder: null })
    t.equal(sent.length, 2, 'nobody else has to know')
  })

  await t.test('without messages locks cost a statement, and work', async t => {
    const deaf: LockMessages = {
      isOpen: false,
      send: async () => false,
      onMessage: () => {},
      onMissed: () => {},
    }
    const one = new PostgresLocks({ holder: uuid(), db, messages: deaf, log })
    const two = await newLocks(t)
    const id = await newUpload()
    const generations: (number | undefined)[] = []
    for (const locks of [one, two, one, one])
      await locks.run(id, async hold => void generations.push(hold.generation))
    t.same(generations, [2, 3, 4, 4])
  })

  await t.test('a process that was replaced without knowing it goes on with its next request', async t => {
    const holder = uuid()
    const session = new ProcessSession(url, log)
    t.teardown(() => session.close())
    await session.open()
    const messages = await PgLockMessages.open(session, holder)
    const late: (() => void)[] = []
    const one = new PostgresLocks({
      holder,
      db,
      log,
      messages: {
        get isOpen() {
          return messages.isOpen
        },
        send: (to, message) => messages.send(to, message),
        onMissed: listener => messages.onMissed(listener),
        onMessage: listener =>
          messages.onMessage(message => {
            if (message.kind === 'release') late.push(() => listener(message))
            else listener(message)
          }),
      },
    })
    const two = await newLocks(t)
    const id = await newUpload()
    await one.run(id, async () => {})
    await two.run(id, async hold => {
      t.equal(hold.takeover, true, 'it got no answer')
      t.equal((await advance(id, 0, hold)).length, 1)
    })
    await one.run(id, async hold => {
      t.equal(hold.generation, 2)
      t.equal(await one.confirm(id), false)
      t.equal(await one.regain(id), true, 'nobody writes')
      t.equal(hold.generation, 4)
      t.equal(late.length, 1)
      late.shift()!()
      // The answer is sent after the message was handled.
      await one.notePromise({ id, offset: 0, lock_holder: two.holder! })
      t.equal(hold.releaseReason, undefined, 'the question was about an earlier hold')
      t.equal((await advance(id, 1, hold)).length, 1)
    })
    const writer = await holdLock(two, id)
    await one.run(id, async () => {
      t.equal(await one.confirm(id), false)
      t.equal(await one.regain(id), false, 'a client writes in the other process')
    })
    await writer.end()
  })

  await t.test('a process that stops still answers when its writer has ended', async t => {
    const [holder, other] = [uuid(), uuid()]
    const sent: LockMessage[] = []
    const listeners: ((message: LockMessage) => void)[] = []
    const messages: LockMessages = {
      isOpen: true,
      send: async (_to, message) => sent.push(message) > 0,
      onMessage: listener => void listeners.push(listener),
      onMissed: () => {},
    }
    const locks = new PostgresLocks({ holder, db, messages, log })
    const id = await newUpload()
    const writer = await holdLock(locks, id)
    const stopped = locks.releaseAll()
    for (const listener of listeners)
      listener({ kind: 'release', id, from: other, number: 1, reason: 'newcomer' })
    await new Promise(setImmediate)
    t.same(sent, [])
    await writer.end()
    await stopped
    await until(() => sent.length > 0)
    t.match(sent, [{ kind: 'answer', id, number: 1, answer: 'released' }])
    t.equal((await rowOf(id)).lock_holder, null)
  })

  await t.test('an upload that is not there can be locked', async t => {
    const locks = await newLocks(t)
    t.equal(await locks.run(uuid(), async hold => hold.generation), undefined)
    t.equal(await locks.tryRun(uuid(), async () => 7), 7)
  })

  for (const state of ['alive', 'frozen', 'killed'] as const)
    await t.test(`the holder is a process that is ${state}`, async t => {
      const locks = await newLocks(t)
      const id = await newUpload()
      const holder = await startChildProgram({
        command: process.execPath,
        args: [join(import.meta.dirname, '../support/lock-process.ts'), url, id],
        ready: line => /^holds (\d+)$/.exec(line)?.[1],
        lastSignal: 'SIGKILL',
      })
      if (state === 'frozen') await freeze(holder.pid)
      if (state === 'killed') await holder.end('SIGKILL')
      const beganMs = performance.now()
      await locks.run(id, async hold => {
        const tookMs = Math.round(performance.now() - beganMs)
        t.comment(`taken over from a process that is ${state} in ${tookMs} ms`)
        const { offset } = await rowOf(id)
        // On a busy machine, a live process may answer too late. Then it is like a frozen one.
        if (state !== 'alive' || tookMs < ANSWER_TIMEOUT_MS) {
          t.equal(offset, state === 'alive' ? 1 : 0)
          t.equal(hold.takeover, state !== 'alive')
        }
        t.equal(hold.generation, Number(holder.ready) + 1)
        if (state === 'frozen') {
          process.kill(holder.pid, 'SIGCONT')
          await until(() => holder.output.includes('confirmed false'))
          t.ok(holder.output.includes('moved 0'), 'the writer that wakes changes nothing')
        }
        t.equal((await advance(id, offset, hold)).length, 1)
      })
      if (state === 'killed') return
      process.kill(holder.pid, 'SIGUSR2')
      await holder.exited
      const again = holder.output.find(line => line.startsWith('again'))
      // A live process may write once more before it releases.
      if (state === 'frozen') t.equal(again, `again ${Number(holder.ready) + 2}`)
      else t.match(again, /^again/, 'and the process can write again')
    })
})

async function keepsContract(t: Test, { newLocks, newUpload }: Subject): Promise<void> {
  await t.test('each upload has a lock of its own', async t => {
    const locks = await newLocks(t)
    const [a, b, free] = [await newUpload(), await newUpload(), await newUpload()]
    const [first, second] = [await holdLock(locks, a), await holdLock(locks, b)]
    t.same(await Promise.all([a, b, free].map(locks.isBusy, locks)), [true, true, false])
    await first.end()
    t.same(await Promise.all([a, b].map(locks.isBusy, locks)), [false, true])
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
    t.notOk(await locks.isBusy(id))
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
    t.notOk(await locks.isBusy(id))
    await (await holdLock(locks, id)).end()
  })

  await t.test('a newcomer does not wait for ever for a holder that never releases', async t => {
    const locks = await newLocks(t)
    const id = await newUpload()
    const holder = await holdLock(locks, id)
    // The wait itself does not keep a process alive.
    const alive = setInterval(() => {}, 1000)
    t.match(await failure(holdLock(locks, id)), LOCKED)
    clearInterval(alive)
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
    t.same(
      [locks.holdOf(id) !== undefined, await locks.isBusy(id)],
      [true, false],
      'it is no client that writes',
    )
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
    await until(async () => !(await locks.isBusy(id)))
    locks.progress(id)
    t.ok(await locks.isBusy(id))
    await holder.end()
    locks.progress(id)
    t.notOk(await locks.isBusy(id), 'progress without a holder counts for nothing')
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
    t.same(await Promise.all(ids.map(locks.isBusy, locks)), [false, false])
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
