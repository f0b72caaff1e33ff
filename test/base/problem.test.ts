import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { ApiError, DetailedError } from '../../src/base/errors.ts'
import { problemHeaders, problemOf, titleOf } from '../../src/base/problem.ts'
import { PROBLEM_CODES } from '../../src/base/problem-codes.ts'

const SRC = join(import.meta.dirname, '..', '..', 'src')

t.test('a problem has what RFC 9457 names, its code, and its own members', async t => {
  t.same(problemOf(new ApiError(413, 'too_large', 'Too much.', 'video'), 'r1'), {
    type: 'about:blank',
    title: 'Content Too Large',
    status: 413,
    code: 'too_large',
    detail: 'Too much.',
    field: 'video',
    request_id: 'r1',
  })
  const detailed = new DetailedError(
    409,
    'offset_conflict',
    'Elsewhere.',
    { 'expected-offset': 7 },
    'https://x/y',
  )
  t.match(problemOf(detailed), { type: 'https://x/y', 'expected-offset': 7, title: 'Conflict' })
  t.equal(problemHeaders(503)['Retry-After'], '1')
  t.notOk('Retry-After' in problemHeaders(404))
})

t.test('every status that the service answers with has a title', async t => {
  const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter(name => name.endsWith('.ts'))
  const texts = files.map(name => readFileSync(join(SRC, name), 'utf8'))
  const statuses = new Set(
    texts.flatMap(text =>
      [...text.matchAll(/(?:ApiError|DetailedError|IetfProblem)\(\s*(\d{3})\b/g)].map(([, status]) =>
        Number(status),
      ),
    ),
  )
  t.ok(statuses.size > 10)
  for (const status of statuses) t.not(titleOf(status), 'Error', `${status}`)
})

t.test('no code of a problem is out of use', async t => {
  const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter(
    name => name.endsWith('.ts') && !name.startsWith('page') && !name.endsWith('problem-codes.ts'),
  )
  const text = files.map(name => readFileSync(join(SRC, name), 'utf8')).join('\n')
  t.same(
    PROBLEM_CODES.filter(code => !text.includes(`'${code}'`)),
    [],
  )
})
