import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { type ExpectedVersions, isExpected, UnexpectedVersion } from '../../src/base/expected-versions.ts'
import { underConditions } from '../../src/http/conditional.ts'
import { failure } from '../support/failure.ts'

type Headers = Parameters<typeof underConditions>[0]

const expectedOf = (headers: Headers) =>
  underConditions(
    headers,
    async expected => expected,
    tag => tag.split('-')[0]!,
  )

t.test('the conditions of a change become versions', async t => {
  const cases: [Headers, ExpectedVersions | undefined][] = [
    [{}, undefined],
    [{ 'if-match': '*' }, { oneOf: 'any' }],
    [{ 'if-match': '"a-1", "b,c-2"' }, { oneOf: ['a', 'b,c'] }],
    [{ 'if-match': 'W/"a-1"' }, { oneOf: [] }],
    [{ 'if-match': 'a' }, { oneOf: [] }],
    [{ 'if-none-match': '*' }, { noneOf: 'any' }],
    [{ 'if-none-match': 'W/"a-1", "b-2"' }, { noneOf: ['a', 'b'] }],
    [
      { 'if-match': '"a"', 'if-none-match': '"b"' },
      { oneOf: ['a'], noneOf: ['b'] },
    ],
  ]
  for (const [headers, expected] of cases)
    t.strictSame(await expectedOf(headers), expected, JSON.stringify(headers))
})

t.test('a version is expected if it is one of those, and none of the others', async t => {
  const cases: [string | undefined, ExpectedVersions, boolean][] = [
    ['a', {}, true],
    [undefined, {}, true],
    ['a', { oneOf: 'any' }, true],
    [undefined, { oneOf: 'any' }, false],
    ['a', { oneOf: ['b', 'a'] }, true],
    ['a', { oneOf: ['b'] }, false],
    ['a', { oneOf: [] }, false],
    ['a', { noneOf: 'any' }, false],
    [undefined, { noneOf: 'any' }, true],
    ['a', { noneOf: ['a'] }, false],
    ['a', { noneOf: ['b'] }, true],
    ['a', { oneOf: 'any', noneOf: ['a'] }, false],
  ]
  for (const [version, expected, holds] of cases)
    t.equal(isExpected(version, expected), holds, JSON.stringify([version, expected]))
})

t.test('the error names the condition of the request', async t => {
  const change = async () => {
    throw new UnexpectedVersion('It has changed.')
  }
  for (const [headers, field] of [
    [{ 'if-match': '"a"' }, 'if-match'],
    [{ 'if-none-match': '*' }, 'if-none-match'],
    [{ 'if-match': '"a"', 'if-none-match': '"b"' }, 'if-match'],
  ] as const)
    t.match(await failure(underConditions(headers, change)), {
      status: 412,
      code: 'precondition_failed',
      message: 'It has changed.',
      field,
    })
  const other = new Error('another')
  t.equal(await failure(underConditions({}, () => Promise.reject(other))), other)
})

t.test('videos and uploads know no header of conditions', async t => {
  const files = globSync('src/{videos,uploads/core,uploads/recordings}/**/*.ts', {
    cwd: join(import.meta.dirname, '..', '..'),
  })
  t.ok(files.length > 50)
  const found = files.filter(file =>
    /if-(none-)?match/i.test(readFileSync(join(import.meta.dirname, '..', '..', file), 'utf8')),
  )
  t.same(found, [])
})
