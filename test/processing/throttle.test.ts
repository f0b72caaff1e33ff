import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import t, { type Test } from 'tap'
import { machineTicks, pauseMs, Throttle } from '../../src/processing/programs/throttle.ts'
import { until } from '../support/until.ts'

const skip = process.platform !== 'linux' && 'this system has no /proc'

function start(t: Test): { readonly program: ReturnType<typeof spawn>; readonly isStopped: () => boolean } {
  const program = spawn('sleep', ['1000'], { detached: true, stdio: 'ignore' })
  t.teardown(() => program.kill('SIGKILL'))
  return { program, isStopped: () => / T /.test(readFileSync(`/proc/${program.pid}/stat`, 'utf8')) }
}

t.test('a program keeps a quarter of a processor if others need the processors', async t => {
  /** 100 ms of two processors. */
  const two = (urgent: number, own: number) => pauseMs({ urgent, own, all: 20 }, 2)
  t.equal(two(10, 10), 300)
  t.equal(two(15, 5), 100)
  t.equal(two(20, 2), 0, 'its priority has kept it from more')
  t.equal(two(5, 10), 0, 'half a processor is not much')
  t.equal(two(20, 0), 0)
  t.equal(two(20, -3), 0, 'one of its processes has ended')
  t.equal(two(20, 200), 1000, 'the look was late')
  t.equal(pauseMs({ urgent: 20, own: 10, all: 80 }, 8), 0, 'there are processors enough')
  t.equal(pauseMs({ urgent: 70, own: 10, all: 80 }, 8), 300)
  t.equal(pauseMs({ urgent: 3, own: 7, all: 10 }, 1), 180, 'the only processor')
  t.equal(pauseMs({ urgent: 0, own: 0, all: 0 }, 1), 0)
})

t.test('a program is stopped and continued as long as others are busy', { skip }, async t => {
  const { program, isStopped } = start(t)
  const ticks = { urgent: 0, all: 0, own: 0 }
  let busy = true
  const throttle = new Throttle(program, () => {
    ticks.all += 100
    if (busy) ticks.urgent += 100
    ticks.own += 100
    return { ...ticks }
  })
  t.teardown(() => throttle.end())
  for (const wanted of [true, false, true]) await until(() => isStopped() === wanted, { interval: 5 })
  busy = false
  await until(() => !isStopped())
  const looks = ticks.all
  await until(() => ticks.all > looks + 500)
  t.notOk(isStopped(), 'it runs on')
})

t.test('a program is left alone where nothing is known of the machine', { skip }, async t => {
  const { program, isStopped } = start(t)
  let reads = 0
  const throttle = new Throttle(program, () => {
    reads++
    throw new Error('ENOENT')
  })
  throttle.end()
  t.equal(reads, 1)
  t.notOk(isStopped())
})

t.test('the time of programs with a niceness is not urgent', async t => {
  const stat = 'cpu  1000 200 30 4 50 6 7 800 9 9\ncpu0 1 2 3 4 5 6 7 8 9 9\n'
  t.match(machineTicks(process.pid, stat), { urgent: 1043, all: 2097 })
})

t.test('a program has the time of its descendants', { skip }, async t => {
  const command = ['-c', 'sh -c "while :; do :; done" & wait']
  const program = spawn('sh', command, { detached: true, stdio: 'ignore' })
  t.teardown(() => process.kill(-program.pid!, 'SIGKILL'))
  const { own } = machineTicks(program.pid!)
  const later = await until(() => {
    const ticks = machineTicks(program.pid!)
    return ticks.own > own && ticks
  })
  t.ok(later.own <= later.all, 'it grows although the program itself only waits')
})
