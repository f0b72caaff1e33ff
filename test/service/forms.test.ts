import t from 'tap'
import { rawRequest } from '../support/raw-request.ts'
import { startService } from '../support/service.ts'

const CRLF = '\r\n'
const FILE = 'Content-Disposition: form-data; name="video"; filename="a.mp4"'

/** A form of raw parts, each with its headers and its content. */
function form(parts: readonly (readonly [headers: string, content: string])[], boundary = 'b'): string {
  const written = parts.map(
    ([headers, content]) => `--${boundary}${CRLF}${headers}${CRLF}${CRLF}${content}${CRLF}`,
  )
  return `${written.join('')}--${boundary}--${CRLF}`
}

const field = (name: string, more = '') => `Content-Disposition: form-data; name="${name}"${more}`

t.test('a malformed form is refused with a sentence, on every route that takes forms', async t => {
  const service = await startService()
  t.teardown(() => service.stop())
  const json = { 'content-type': 'application/json' }
  const begun = await rawRequest(service.url, '/recordings', { method: 'POST', headers: json, body: '{}' })
  const { id } = JSON.parse(begun.text) as { id: string }
  const routes = {
    '/videos': 'video',
    [`/recordings/${id}/chunks`]: 'chunk',
    [`/recordings/${id}/finalize`]: 'chunk',
  }
  const post = async (path: string, body: string, type = 'multipart/form-data; boundary=b') => {
    const headers = { 'content-type': type, 'user-agent': 'test', 'idempotency-key': `"${Math.random()}"` }
    const { status, text } = await rawRequest(service.url, path, { method: 'POST', headers, body })
    return { status, problem: JSON.parse(text) as { code: string; detail: string; field?: string } }
  }
  for (const [path, file] of Object.entries(routes)) {
    const whole = field(file, '; filename="a"')
    const bodies: Record<string, [body: string, detail: RegExp, field?: string]> = {
      'a part without a name': [form([['Content-Disposition: form-data', 'x']]), /no name/],
      'a file without a name': [form([['Content-Disposition: form-data; filename="a"', 'x']]), /no name/],
      'an empty name': [form([[field(''), 'x']]), /no name/],
      'a name without quotation marks around nothing': [
        form([['Content-Disposition: form-data; name=', 'x']]),
        /no name/,
      ],
      'bytes without a name': [
        form([[`Content-Disposition: form-data${CRLF}Content-Type: application/octet-stream`, 'x']]),
        /no name/,
      ],
      'a nameless part behind the file': [
        form([
          [whole, 'x'],
          ['Content-Disposition: form-data', 'x'],
        ]),
        /no name/,
      ],
      'text in place of the file': [form([[field(file), 'x']]), /must be a file/, file],
      'a nested form': [
        form([[`${field(file)}${CRLF}Content-Type: multipart/mixed; boundary=c`, '--c--']]),
        /must be a file/,
        file,
      ],
      // Forms of pages bring fields of their own along: one with a video is taken, this one lacks its video.
      'an unknown field':
        path === '/videos'
          ? [form([[field('nothing'), 'x']]), /"video" must contain a file/, 'video']
          : [form([[field('nothing'), 'x']]), /no field "nothing"/, 'nothing'],
      'a reserved name': [form([[field('__proto__'), 'x']]), /reserved name/],
      'another reserved name': [form([[field('toString'), 'x']]), /reserved name/],
      'JSON that is none': [
        form([[`${field('title')}${CRLF}Content-Type: application/json`, '{']]),
        /declared as JSON/,
      ],
      'a body that ends early': [`--b${CRLF}${whole}${CRLF}${CRLF}x`, /not complete/],
      'more parts than fields': [
        form(Array.from({ length: 20 }, (_, n) => [field(n % 2 ? 'title' : 'index'), 'x'] as const)),
        /twice|no field|too many parts/,
      ],
      'many files': [
        form([
          [whole, 'x'],
          [whole, 'y'],
        ]),
        /too many parts|index is missing/,
      ],
    }
    for (const [what, [body, detail, name]] of Object.entries(bodies)) {
      const { status, problem } = await post(path, body)
      t.match([status, problem.code], [400, 'invalid_request'], `${path}, ${what}: ${problem.detail}`)
      t.match(problem.detail, detail, what)
      if (name) t.equal(problem.field, name, what)
    }
    for (const type of [
      'multipart/form-data',
      'multipart/form-data; boundary=',
      'multipart/mixed; boundary=b',
    ]) {
      const { status } = await post(path, form([[whole, 'x']]), type)
      t.ok([400, 415].includes(status), `${path}, ${type}: ${status}`)
    }
  }
  const twice = form([
    [field('title'), 'a'],
    [field('title'), 'b'],
    [FILE, 'x'],
  ])
  t.match(await post('/videos', twice), {
    status: 400,
    problem: { field: 'title', detail: 'title occurs twice.' },
  })
  const asJson = form([
    [`${field('title')}${CRLF}Content-Type: application/json`, '{"a":1}'],
    [FILE, 'x'],
  ])
  t.match(await post('/videos', asJson), { status: 400, problem: { field: 'title' } })
  const tags = form([
    [field('tags'), 'one'],
    [field('tags'), 'two'],
    [FILE, 'x'],
  ])
  const { problem } = await post('/videos', tags)
  t.same((problem as unknown as { tags: string[] }).tags, ['one', 'two'], 'tags may be repeated')
  t.same(
    service.logs.filter(({ msg }) => msg === 'request failed'),
    [],
    'no error of the server',
  )
})
