import { createHash } from 'node:crypto'
import type { OutgoingHttpHeaders } from 'node:http'
import type { Test } from 'tap'
import { DraftWire, PARTIAL } from '../support/draft-wire.ts'
import type { LastingService } from '../support/lasting-service.ts'
import { rawRequest } from '../support/raw-request.ts'
import { uploadId } from '../support/tus-upload.ts'
import { OCTETS, TusWire } from '../support/tus-wire.ts'
import { getJson } from '../support/video-api.ts'

// Headers as clients write them: lists by RFC 9110 §5.6.1, media types by §8.3.1, structured fields by RFC 9651; and labels that nobody
// understands, which make no upload impossible.

const base64 = (text: string | Uint8Array) => Buffer.from(text).toString('base64')
const TITLE = `title ${base64('Talk')}`
const NAME = `filename ${base64('x.mp4')}`

/** `Upload-Metadata`, and what becomes of the video's labels. */
const METADATA: [string | string[], object][] = [
  ['', { title: 'Untitled' }],
  [' , ', { title: 'Untitled' }],
  [`${NAME}, ${TITLE}`, { title: 'Talk', filename: 'x.mp4' }],
  [`${NAME},,${TITLE},`, { title: 'Talk', filename: 'x.mp4' }],
  [[NAME, TITLE], { title: 'Talk', filename: 'x.mp4' }],
  [[NAME, '', `${TITLE},`], { title: 'Talk', filename: 'x.mp4' }],
  [`${TITLE},filetype ${base64('mp4')},language ${base64('de_DE')}`, { title: 'Talk', language: null }],
  [`${TITLE},language %%%,description`, { title: 'Talk', language: null, description: '' }],
  [`title ${base64('Fran\ufffdois')}`, { title: 'Franois' }],
  [`title ${base64(Buffer.from([0xff, 0x41]))}`, { title: 'A' }],
  [`title ${base64('a\0b\x1b')}`, { title: 'ab' }],
  [`title ${base64('x'.repeat(600))}`, { title: 'x'.repeat(500) }],
  [`${TITLE},tags ${base64(`a,${'x'.repeat(60)}`)}`, { title: 'Talk', tags: ['a'] }],
  [
    `${Array.from({ length: 80 }, (_, n) => `key${n} ${base64('x')}`).join()},${TITLE},constructor,__proto__ eA==`,
    { title: 'Talk' },
  ],
  [`${TITLE},${TITLE},a b c,é ${base64('x')}`, { title: 'Talk' }],
]

export async function clientHeaders(t: Test, { service }: LastingService): Promise<void> {
  const tus = new TusWire(service.url)
  const draft = new DraftWire(service.url)
  const videoAt = (path: string) => getJson(`${service.url}/videos/${uploadId(path)}`)

  for (const [metadata, labels] of METADATA) {
    await t.test(`Upload-Metadata: ${JSON.stringify(metadata).slice(0, 80)}`, async t => {
      const byTus = await tus.send('POST', '/uploads', { 'upload-length': 0, 'upload-metadata': metadata })
      const byDraft = await draft.post(true, '', { 'upload-metadata': metadata })
      for (const { status, text, headers } of [byTus, byDraft]) {
        t.equal(status, 201, text)
        t.match(await videoAt(headers.location!), labels)
      }
      t.equal((await tus.head(byTus.headers.location!)).status, 200)
    })
  }

  await t.test('IETF: Content-Type and Content-Disposition that say nothing', async t => {
    const headers: [OutgoingHttpHeaders, object][] = [
      [{ 'content-type': 'video' }, { title: 'Untitled' }],
      [{ 'content-type': '' }, { title: 'Untitled' }],
      [{ 'content-type': 'Video/MP4; codecs="a,b;c"' }, { title: 'Untitled' }],
      [{ 'content-disposition': 'inline; filename=' }, { title: 'Untitled' }],
      [{ 'content-disposition': 'é;;' }, { title: 'Untitled' }],
      [{ 'content-disposition': "inline; filename*=UTF-8''a%00b.mp4" }, { title: 'ab' }],
      [{ 'content-disposition': 'Attachment; Filename="a;b,c.mp4"' }, { title: 'a;b,c' }],
    ]
    for (const [given, labels] of headers) {
      const answer = await draft.post(true, 'x', given)
      t.equal(answer.status, 201, `${JSON.stringify(given)} ${answer.text}`)
      t.match(await videoAt(answer.headers.location!), labels, JSON.stringify(given))
    }
  })

  await t.test('media types: by case, and with parameters', async t => {
    for (const change of [
      (type: string) => type.toUpperCase(),
      (type: string) => `${type}; charset=utf-8`,
      (type: string) => `${type} ;a="b;c,d"`,
    ]) {
      const [octets, partial] = [change(OCTETS), change(PARTIAL)]
      const typed = { 'upload-length': 3, 'content-type': octets }
      t.match(await tus.send('POST', '/uploads', typed, 'abc'), { headers: { 'upload-offset': '3' } }, octets)
      const path = await tus.create(6)
      t.equal((await tus.patch(path, 0, 'abc', { 'content-type': octets })).status, 204, octets)
      const appended = await draft.append(path, 3, true, 'def', { 'content-type': partial })
      t.equal(appended.status, 200, partial)
      const patched = await rawRequest(service.url, `/videos/${uploadId(path)}`, {
        method: 'PATCH',
        headers: { 'content-type': change('application/json') },
        body: '{"title":"Changed"}',
      })
      t.equal(patched.status, 200, patched.text)
    }
    const path = await tus.create(0)
    for (const type of ['application/merge-patch+json', 'Application/Merge-Patch+JSON;charset=utf-8']) {
      const headers = { 'content-type': type }
      const options = { method: 'PATCH', headers, body: '{"language":null,"title":"Merged"}' }
      t.match(await rawRequest(service.url, `/videos/${uploadId(path)}`, options), { status: 200 }, type)
    }
    t.equal((await videoAt(path)).title, 'Merged')
    const options = { method: 'PATCH', headers: { 'content-type': 'application/json' } }
    const bad = await rawRequest(service.url, `/videos/${uploadId(path)}`, {
      ...options,
      body: '{"language":"de_DE"}',
    })
    t.match([bad.status, JSON.parse(bad.text)], [400, { field: 'language' }], 'a change is refused instead')
  })

  await t.test('other headers of tus', async t => {
    for (const headers of [
      { 'tus-resumable': ' 1.0.0 ' },
      { 'tus-resumable': ['1.0.0', '1.0.0'] },
      { 'upload-concat': '' },
      { 'upload-concat': 'Partial' },
      { 'upload-checksum': '' },
      { 'upload-defer-length': '' },
      { 'x-forwarded-proto': 'https,http', 'x-http-method-override': '' },
    ]) {
      const { status, text } = await tus.send('POST', '/uploads', { 'upload-length': 3, ...headers })
      t.equal(status, 201, `${JSON.stringify(headers)} ${text}`)
    }
    for (const headers of [{ 'tus-resumable': '1.0.0, 0.2.2' }, { 'tus-resumable': '' }])
      t.equal((await tus.send('POST', '/uploads', { 'upload-length': 3, ...headers })).status, 412)
  })

  await t.test('structured fields: parameters, white space, several lines, quoted strings', async t => {
    const digest = `sha-256=:${createHash('sha256').update('abc').digest('base64')}:`
    const headers: [OutgoingHttpHeaders, number][] = [
      [{ 'upload-complete': '?1;a="x, y;z";b' }, 201],
      [{ 'upload-complete': ' ?1 ', 'upload-length': '3;unit="bytes, all"' }, 201],
      [{ 'upload-complete': '?1', 'upload-length': '3.0' }, 201],
      [{ 'upload-complete': ['?1', '?0'] }, 400],
      [{ 'upload-complete': '' }, 400],
      [{ 'upload-complete': '?1', 'content-digest': [digest, 'unknown="a,b;c"'] }, 201],
      [{ 'upload-complete': '?1', 'repr-digest': `md5=:AAAA:;x="a,b", ${digest};y` }, 201],
      [{ 'upload-complete': '?1', 'repr-digest': '', 'content-digest': ' ' }, 201],
      [{ 'upload-complete': '?1', 'content-digest': digest.replace(/=:../, '=:xx') }, 400],
      [{ 'upload-complete': '?1', 'content-digest': 'sha-256="abc"' }, 400],
    ]
    for (const [given, status] of headers) {
      const answer = await draft.send('POST', '/uploads', given, 'abc')
      t.equal(answer.status, status, `${JSON.stringify(given)} ${answer.text}`)
    }
    const wish = { 'upload-complete': '?1', 'want-repr-digest': ['sha-512=0', 'sha-256=5;a="b,c"'] }
    t.match((await draft.send('POST', '/uploads', wish, 'abc')).headers, { 'repr-digest': digest })
  })
}
