import t from 'tap'
import { retryAfterOf } from '../../src/net/retry-after.ts'

t.test('Retry-After in all of its forms, and never more than the limit', async t => {
  const now = Date.parse('2026-01-31T12:00:00Z')
  const forms: [field: string | string[] | null | undefined, seconds: number | undefined][] = [
    ['7', 7],
    [' 1.5 ', 1.5],
    ['0', undefined],
    ['-3', undefined],
    ['+3', undefined],
    ['3s', undefined],
    ['1e3', undefined],
    ['0x10', undefined],
    ['2027', 2027],
    ['Sat, 31 Jan 2026 12:00:30 GMT', 30],
    [' Sat, 31 Jan 2026 12:00:30 GMT ', 30],
    ['Saturday, 31-Jan-26 12:00:30 GMT', 30],
    ['Sat Jan 31 12:00:30 2026', 30],
    ['Sat, 31 Jan 2026 12:00:00 GMT', undefined],
    ['Sat, 31 Jan 2026 11:59:30 GMT', undefined],
    ['Sat, 31 Jan 2026 12:00:30 +0000', undefined],
    ['Sat, 31 Jan 2026 25:00:30 GMT', undefined],
    ['2026-01-31T12:00:30Z', undefined],
    ['Fri, 31 Dec 9999 23:59:59 GMT', 3600],
    ['99999999', 3600],
    ['9'.repeat(400), 3600],
    ['soon', undefined],
    ['5 minutes', undefined],
    ['', undefined],
    [['5', '9'], 5],
    [[], undefined],
    [null, undefined],
    [undefined, undefined],
  ]
  for (const [field, seconds] of forms) t.equal(retryAfterOf(field, 3600, now), seconds, String(field))
})
