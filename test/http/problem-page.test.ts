import Fastify from 'fastify'
import t from 'tap'
import { ApiError } from '../../src/base/errors.ts'
import type { ProblemCode } from '../../src/base/problem-codes.ts'
import { compressResponses } from '../../src/http/compression.ts'
import { setErrorHandlers } from '../../src/http/problem.ts'

const BROWSER =
  'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8,application/signed-exchange;v=b3;q=0.7'

const app = Fastify()
setErrorHandlers(app, '/intake')
compressResponses(app)
app.get<{ Params: { status: string }; Querystring: { code: ProblemCode; detail?: string } }>(
  '/:status',
  async ({ params, query }) => {
    throw new ApiError(Number(params.status), query.code, query.detail ?? 'The detail.')
  },
)
app.get('/bug', async () => {
  throw new Error('secret')
})
t.teardown(() => app.close())

const get = (url: string, accept?: string, method: 'GET' | 'HEAD' | 'POST' = 'GET') =>
  app.inject({ method, url, headers: accept === undefined ? {} : { accept } })

t.test('people get a page, programs get JSON (RFC 9110 §12.5.1)', async t => {
  const [html, json] = ['text/html; charset=utf-8', 'application/problem+json; charset=utf-8']
  const cases: [accept: string | undefined, type: string][] = [
    [BROWSER, html],
    ['text/html', html],
    ['text/*', html],
    ['text/html;level=1', html],
    ['TEXT/HTML', html],
    ['application/json;q=0.5, text/html', html],
    ['text/html;q=0.5, */*;q=0.1', html],
    [undefined, json],
    ['', json],
    ['*/*', json],
    ['application/json', json],
    ['application/problem+json, text/html', json],
    ['application/json, text/html', json],
    ['text/html;q=0', json],
    ['text/html;q=0.0, */*', json],
    ['text/html;q=0.3, application/json;q=0.4', json],
    ['image/avif,image/webp,image/*,*/*;q=0.8', json],
    ['video/*', json],
    ['text/event-stream', json],
    ['nonsense', json],
    ['text/html;q=5', json],
  ]
  for (const [accept, type] of cases) {
    const { headers } = await get('/404?code=not_found', accept)
    t.equal(headers['content-type'], type, accept ?? 'no header')
    t.match(headers, { vary: /\bAccept\b(?!-)/, 'cache-control': 'no-store' })
  }
})

t.test('each problem says what happened, and leads back', async t => {
  const cases: [path: string, status: number, words: RegExp][] = [
    ['/400?code=invalid_request', 400, /not valid/],
    ['/401?code=unauthenticated', 401, /Sign in/],
    ['/403?code=link_expired', 403, /has expired/],
    ['/403?code=invalid_link', 403, /does not work/],
    ['/403?code=insufficient_scope', 403, /may not see/],
    ['/404?code=not_found', 404, /nothing here/],
    ['/404?code=not_ready', 404, /not ready yet/],
    ['/410?code=gone', 410, /gone/],
    ['/429?code=too_many_requests', 429, /Too many/],
    ['/503?code=database_unavailable', 503, /Not available/],
    ['/bug', 500, /did not work/],
    ['/a/b/c', 404, /nothing here/],
  ]
  for (const [path, status, words] of cases) {
    const answer = await get(path, BROWSER)
    t.equal(answer.statusCode, status, path)
    t.match(answer.body, words, path)
    t.match(answer.body, '<a href="/intake/"', 'a way back')
    t.notMatch(answer.body, /<script|secret|\{"/)
    t.match(answer.headers['content-security-policy'], /^default-src 'none'; style-src 'sha256-[^']+';/)
    t.notMatch(answer.headers['content-security-policy'], /unsafe|script-src/)
    t.equal((await get(path)).json().status, status)
  }
})

t.test('nothing that was sent becomes part of the page', async t => {
  const evil = '"><script>alert(1)</script>'
  for (const path of [
    `/404?code=x&detail=${encodeURIComponent(evil)}`,
    `/nothing/${encodeURIComponent(evil)}`,
    `/a/b?${evil}`,
  ])
    t.notMatch((await get(path, 'text/html')).body, /<script|"><s/, path)
})
