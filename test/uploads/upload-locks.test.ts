import t from 'tap'
import { UploadLocks } from '../../src/uploads/locks/upload-locks.ts'
import { failure } from '../support/failure.ts'
import { until } from '../support/until.ts'

const never = new AbortController().signal
const nothing = () => {}

t.test('uploads are locked each by itself', async t => {
  const locks = new UploadLocks()
  const [a, b] = [locks.newLock('a'), locks.newLock('b')]
  await a.lock(never, nothing)
  await b.lock(never, nothing)
  t.same([locks.isBusy('a'), locks.isBusy('b'), locks.isBusy('c')], [true, true, false])
  await a.unlock()
  t.same([locks.isBusy('a'), locks.isBusy('b')], [false, true])
  await b.unlock()
})

t.test('a newcomer asks the holder to let go, and waits until it has', async t => {
  const locks = new UploadLocks()
  const holder = locks.newLock('a')
  let asked = 0
  await holder.lock(never, () => void asked++)
  const newcomer = locks.newLock('a')
  let locked = false
  const locking = newcomer.lock(never, nothing).then(() => {
    locked = true
  })
  await until(() => asked)
  t.notOk(locked)
  await holder.unlock()
  await locking
  t.ok(locks.isBusy('a'))
  await holder.unlock()
  t.ok(locks.isBusy('a'), 'and is not disturbed by a second unlock of the other')
  await newcomer.unlock()
  t.notOk(locks.isBusy('a'))
  t.equal(asked, 1)
})

t.test('of many that come at once, each has the upload alone, and all have their turn', async t => {
  const locks = new UploadLocks()
  let [holding, turns] = [0, 0]
  const write = async () => {
    const lock = locks.newLock('a')
    const letGo = Promise.withResolvers<void>()
    await lock.lock(never, letGo.resolve)
    holding++
    if (holding !== 1) t.fail(`${holding} at once`)
    if (turns < 49) await letGo.promise
    holding--
    turns++
    await lock.unlock()
  }
  await Promise.all(Array.from({ length: 50 }, write))
  t.equal(turns, 50)
})

t.test('a newcomer that goes away waits no longer, and takes nothing', async t => {
  const locks = new UploadLocks()
  const holder = locks.newLock('a')
  await holder.lock(never, nothing)
  const gone = new AbortController()
  const waiting = failure(locks.newLock('a').lock(gone.signal, nothing))
  gone.abort()
  t.match(await waiting, { status: 423, code: 'upload_locked' })
  t.match(await failure(locks.newLock('a').lock(AbortSignal.abort(), nothing)), { status: 423 })
  await holder.unlock()
  t.notOk(locks.isBusy('a'))
  const next = locks.newLock('a')
  await next.lock(never, nothing)
  await next.unlock()
})

t.test('a newcomer does not wait for ever for a holder that never lets go', async t => {
  const locks = new UploadLocks()
  await locks.newLock('a').lock(never, nothing)
  let refusal: unknown
  void failure(locks.newLock('a').lock(never, nothing)).then(error => {
    refusal = error
  })
  t.match(await until(() => refusal), { status: 423, code: 'upload_locked' })
})

t.test('work that waits for no one is done only where nobody writes', async t => {
  const locks = new UploadLocks()
  t.equal(await locks.ifFree('a', async () => 7), 7)
  let asked = 0
  const holder = locks.newLock('a')
  await holder.lock(never, () => void asked++)
  t.equal(await locks.ifFree('a', async () => t.fail('not while it is held')), undefined)
  t.equal(asked, 0)
  await holder.unlock()

  const open = Promise.withResolvers<void>()
  const work = locks.ifFree('a', () => open.promise)
  t.equal(await locks.ifFree('a', async () => 7), undefined, 'nor two at once')
  const newcomer = locks.newLock('a').lock(never, nothing)
  open.resolve()
  await work
  await newcomer
  t.ok(locks.isBusy('a'), 'who came meanwhile has it next')
})

t.test('work that fails lets go', async t => {
  const locks = new UploadLocks()
  t.match(await failure(locks.ifFree('a', () => Promise.reject(new Error('no')))), { message: 'no' })
  t.equal(await locks.ifFree('a', async () => 7), 7)
})

t.test('a holder is busy for as long as bytes arrive', async t => {
  const locks = new UploadLocks()
  const lock = locks.newLock('a')
  await lock.lock(never, nothing)
  await until(() => !locks.isBusy('a'))
  locks.progress('a')
  t.ok(locks.isBusy('a'))
  await lock.unlock()
  locks.progress('a')
  t.notOk(locks.isBusy('a'), 'progress of nobody is none')
})

t.test('all holders can be asked to let go', async t => {
  const locks = new UploadLocks()
  for (const id of ['a', 'b']) {
    const lock = locks.newLock(id)
    await lock.lock(never, () => void setImmediate(() => lock.unlock()))
  }
  const waiting = failure(locks.newLock('a').lock(never, nothing))
  await locks.releaseAll()
  t.notOk(locks.isBusy('a') || locks.isBusy('b'))
  t.match(await waiting, { status: 503, code: 'stopping' }, 'who waits is told why')
  t.match(await failure(locks.newLock('a').lock(never, nothing)), { status: 503 }, 'and who comes later')
})

t.test('the sweeper holds an upload, and is no client that is busy with it', async t => {
  const locks = new UploadLocks()
  const done = Promise.withResolvers<void>()
  const sweeping = locks.ifFree('a', () => done.promise)
  t.same([locks.holdOf('a') !== undefined, locks.isBusy('a')], [true, false])
  done.resolve()
  await sweeping
  t.same([locks.holdOf('a') !== undefined, locks.isBusy('a')], [false, false])
})
