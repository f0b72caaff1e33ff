import t from 'tap'
import { graceS, SteadyClock } from '../../src/base/steady-clock.ts'

const DAY_MS = 24 * 3600 * 1000

/** A clock that is looked at each second of the monotonic one, with what it is ahead each time. @returns when it is believed. */
function observe(ahead: readonly number[]): boolean[] {
  let monotonic = 0
  const steady = new SteadyClock(3, () => monotonic)
  return ahead.map((by, second) => {
    monotonic = second * 1000
    return steady.observe(1e12 + monotonic + by)
  })
}

t.test('a clock is believed once it has run evenly for long enough', async t => {
  const cases: [name: string, ahead: number[], believed: boolean[]][] = [
    ['even', [0, 0, 0, 0, 0], [false, false, false, true, true]],
    ['corrected a little', [0, 400, 800, 400, 900], [false, false, false, true, true]],
    [
      'jumps ahead',
      [0, 0, 0, 0, DAY_MS, DAY_MS, DAY_MS, DAY_MS],
      [false, false, false, true, false, false, false, true],
    ],
    ['jumps back', [0, 0, 0, 0, -DAY_MS, -DAY_MS], [false, false, false, true, false, false]],
    [
      'there and back',
      [0, 0, 0, 0, DAY_MS, 0, 0, 0, 0],
      [false, false, false, true, false, false, false, false, true],
    ],
  ]
  for (const [name, ahead, believed] of cases) t.same(observe(ahead), believed, name)
})

t.test('what lives for a short time waits for a short time', async t => {
  t.same([graceS(3), graceS(7 * 24 * 3600)], [3, 3600])
})
