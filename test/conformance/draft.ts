import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Test } from 'tap'
import { DraftWire, PARTIAL } from '../support/draft-wire.ts'
import type { LastingService } from '../support/lasting-service.ts'
import { TusWire } from '../support/tus-wire.ts'
import { until } from '../support/until.ts'
import { getJson, isWholeVideo } from '../support/video-api.ts'
import { EXPIRY, MAX } from './limits.ts'

// draft-ietf-httpbis-resumable-upload (its newest text, which has interop version 8): https://httpwg.org/http-extensions/. Each test
// names the section that it is made from. What older versions say otherwise is in draft-versions.ts.

const UNKNOWN = '/uploads/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071'
const HALF = '01234'
const REST = '56789'
const TYPES = 'https://iana.org/assignments/http-problem-types#'
const digest = (bytes: string | Uint8Array, name = 'sha-256') =>
  `${name}=:${createHash(name.replace('-', '')).update(bytes).digest('base64')}:`

export async function newestDraft(t: Test, { service }: LastingService): Promise<void> {
  const draft = new DraftWire(service.url)
  const stored = (path: string) => readFileSync(join(service.dataDir, path), 'utf8')
  const idOf = (path: string) => path.split('/').at(-1)!
  const sourceOf = async (path: string) =>
    Buffer.from(await (await fetch(`${service.url}/videos/${idOf(path)}/source`)).bytes())
  const isVideo = (path: string) => isWholeVideo(service.url, idOf(path))
  const problem = (answer: { text: string; headers: Record<string, unknown> }) => {
    t.match(answer.headers['content-type'], /^application\/problem\+json/)
    return JSON.parse(answer.text)
  }

  await t.test('Offset: a non-negative integer; others are as if there was none', async t => {
    const path = await draft.create(HALF)
    for (const value of [
      '-5',
      '+5',
      '5.0',
      '5e0',
      '0x5',
      '"5"',
      'five',
      '5, 5',
      '1234567890123456',
      undefined,
    ]) {
      const headers = { ...draft.appendHeaders(0, false), 'upload-offset': value }
      t.equal((await draft.send('PATCH', path, headers, REST)).status, 400, `${value}`)
    }
    t.equal(await draft.offset(path), 5)
    t.equal(stored(path), HALF)
  })

  await t.test('Completeness: a boolean; others are as if there was none', async t => {
    const path = await draft.create(HALF)
    for (const value of ['1', '?2', 'true', '?', '"?1"', '?1, ?1', '']) {
      const bad = { 'upload-complete': value }
      t.equal((await draft.send('POST', '/uploads', bad, HALF)).status, 400, `POST ${value}`)
      const headers = { ...draft.appendHeaders(5, false), ...bad }
      t.equal((await draft.send('PATCH', path, headers, REST)).status, 400, `PATCH ${value}`)
    }
    t.equal(await draft.offset(path), 5)
  })

  await t.test('Length: what is no integer is ignored', async t => {
    for (const value of ['-1', '1e1', '0x10', 'ten', '1.5']) {
      const path = await draft.create(HALF, { 'upload-length': value })
      t.equal((await draft.head(path)).headers['upload-length'], undefined, value)
    }
  })

  await t.test(
    'Length: by Content-Length and Upload-Complete, or by Upload-Length; all that is said must match',
    async t => {
      const differing = await draft.post(true, HALF, { 'upload-length': 6 })
      t.equal(differing.status, 400)
      t.equal(problem(differing).type, `${TYPES}inconsistent-upload-length`)
      t.equal(differing.headers['upload-complete'], '?0')

      const path = await draft.create(HALF, { 'upload-length': 10 })
      t.equal((await draft.head(path)).headers['upload-length'], '10')
      const cases = {
        'another length': await draft.append(path, 5, false, '5', { 'upload-length': 11 }),
        'a last part that is too short': await draft.append(path, 5, true, '567'),
        'a part that is too long': await draft.append(path, 5, false, '5678901'),
      }
      for (const [name, answer] of Object.entries(cases)) {
        t.equal(answer.status, 400, name)
        t.equal(problem(answer).type, `${TYPES}inconsistent-upload-length`, name)
      }
      t.equal(await draft.offset(path), 5)
      t.equal(stored(path), HALF)

      const late = await draft.create(HALF)
      t.equal((await draft.append(late, 5, false, '5', { 'upload-length': 10 })).status, 204)
      t.equal((await draft.head(late)).headers['upload-length'], '10', 'recorded by an append')
      t.equal(
        (await draft.append(late, 6, false, '', { 'upload-length': 5 })).status,
        400,
        'less than there is',
      )
    },
  )

  await t.test('Upload Append: the length cannot be exceeded, whatever Content-Length says', async t => {
    // Also where the bytes that fit have been durable for a while before more come.
    for (const parts of [['56789abc'], ['56789', 'abc']]) {
      const path = await draft.create(HALF, { 'upload-length': 10 })
      const headers = { ...draft.appendHeaders(5, false), 'transfer-encoding': 'chunked' }
      const { outgoing, answer } = draft.open('PATCH', path, headers)
      outgoing.write(parts[0])
      if (parts[1]) await pause(2500)
      outgoing.end(parts[1])
      const refused = await answer
      t.equal(refused.status, 400)
      t.equal(problem(refused).type, `${TYPES}inconsistent-upload-length`)
      t.equal((await draft.head(path)).status, 404, 'the upload is no more')
      t.notOk(await isVideo(path))
    }
  })

  await t.test('Limits: in every answer about an upload, and to OPTIONS', async t => {
    const path = await draft.create()
    const asked = {
      'OPTIONS with the version': await draft.send('OPTIONS', '/uploads'),
      'OPTIONS with nothing': await new DraftWire(service.url, null).send('OPTIONS', '/uploads'),
      POST: await draft.post(false),
      HEAD: await draft.head(path),
    }
    for (const [name, { headers }] of Object.entries(asked)) {
      const limits = new Map(
        String(headers['upload-limit'])
          .split(', ')
          .map(limit => limit.split('=') as [string, string]),
      )
      t.equal(limits.get('max-size'), `${MAX}`, name)
      t.equal(limits.get('min-size'), '0', name)
      t.equal(limits.get('max-append-size'), `${MAX}`, name)
      const age = Number(limits.get('max-age'))
      t.ok(age > EXPIRY - 60 && age <= EXPIRY, `${name}: ${age} s`)
    }
  })

  await t.test('Limits: too large is 413, with the limits', async t => {
    const cases = {
      'Upload-Length': await draft.post(false, '', { 'upload-length': MAX + 1 }),
      'Content-Length': await draft.post(false, Buffer.alloc(MAX + 1)),
      append: await draft.append(await draft.create(HALF), 5, false, Buffer.alloc(MAX)),
    }
    for (const [name, { status, headers }] of Object.entries(cases)) {
      t.equal(status, 413, name)
      t.match(headers['upload-limit'], `max-size=${MAX}`, name)
    }
  })

  await t.test('Upload Creation: the whole in one request', async t => {
    const answer = await draft.post(true, HALF, {
      'content-disposition': `inline; filename="a.mp4"; filename*=UTF-8''%C3%A4.mp4`,
      'content-type': 'video/mp4',
    })
    t.equal(answer.status, 201)
    t.equal(answer.headers['upload-complete'], '?1')
    t.equal(answer.headers['upload-offset'], '5')
    const { location } = answer.headers
    t.match(location, /^\/uploads\/[0-9a-f-]{36}$/)
    t.equal(answer.headers['content-location'], `/videos/${idOf(location!)}`)
    t.equal(JSON.parse(answer.text).id, idOf(location!))
    t.equal((await getJson(`${service.url}/videos/${idOf(location!)}`)).filename, 'ä.mp4')
    t.same(await sourceOf(location!), Buffer.from(HALF))
    t.equal((await draft.head(location!)).headers['upload-complete'], '?1')
  })

  await t.test('Upload Creation: nothing, or a part, and the place in every answer', async t => {
    for (const body of ['', HALF]) {
      const answer = await draft.post(false, body)
      t.equal(answer.status, 201)
      t.equal(answer.headers['upload-complete'], '?0')
      t.equal(answer.headers['upload-offset'], `${body.length}`)
      const { location } = answer.headers
      t.same(
        answer.informed.map(({ status, headers }) => [status, headers.location]),
        [[104, location]],
        'identical in all answers',
      )
      t.equal(stored(location!), body)
    }
  })

  await t.test('Upload Creation: an empty representation', async t => {
    const { status, headers } = await draft.post(true)
    t.equal(status, 201)
    t.equal(headers['upload-complete'], '?1')
    t.ok(await isVideo(headers.location!))
  })

  await t.test('Upload Creation: a body of unknown length, which is the whole', async t => {
    const { outgoing, answer } = draft.open('POST', '/uploads', {
      'upload-complete': '?1',
      'transfer-encoding': 'chunked',
    })
    outgoing.write(HALF)
    outgoing.end(REST)
    const { status, headers } = await answer
    t.equal(status, 201)
    t.equal(headers['upload-complete'], '?1')
    t.same(await sourceOf(headers.location!), Buffer.from(HALF + REST))
  })

  await t.test(
    'Upload Creation: what came of a body that breaks off is kept, and is not complete',
    async t => {
      const bytes = randomBytes(3_000_000)
      for (const length of [{ 'content-length': bytes.length }, { 'transfer-encoding': 'chunked' }]) {
        const { outgoing, informed } = draft.open('POST', '/uploads', { 'upload-complete': '?1', ...length })
        outgoing.write(bytes.subarray(0, 2_000_000))
        await until(() => informed.length)
        const path = informed[0]!.headers.location!
        await until(() => statSync(join(service.dataDir, path)).size >= 2 ** 20)
        outgoing.destroy()
        const offset = await draft.offset(path)
        t.ok(offset >= 2 ** 20 && offset <= 2_000_000, `${offset}`)
        t.equal((await draft.head(path)).headers['upload-complete'], '?0')
        t.notOk(await isVideo(path))
        const rest = await draft.append(path, offset, true, bytes.subarray(offset))
        t.equal(rest.status, 200)
        t.equal(rest.headers['upload-complete'], '?1')
        t.ok((await sourceOf(path)).equals(bytes))
      }
    },
  )

  await t.test('Offset Retrieval: state, limits, and no cache', async t => {
    const path = await draft.create(HALF, { 'upload-length': 10 })
    const { status, headers, text } = await draft.head(path)
    t.equal(status, 204)
    t.equal(headers['upload-offset'], '5')
    t.equal(headers['upload-complete'], '?0')
    t.equal(headers['upload-length'], '10')
    t.equal(headers['cache-control'], 'no-store')
    t.ok(headers['upload-limit'])
    t.equal(text, '')
    for (const nothing of [UNKNOWN, '/uploads/none', `${path}x`])
      t.equal((await draft.head(nothing)).status, 404, nothing)
  })

  await t.test('Offset Retrieval: GET is as good as HEAD', async t => {
    const path = await draft.create(HALF, { 'upload-length': 10 })
    const { status, headers, text } = await draft.send('GET', path)
    t.same([status, text], [204, ''])
    t.match(headers, { 'upload-offset': '5', 'upload-complete': '?0', 'upload-length': '10' })
    t.equal((await draft.send('GET', UNKNOWN)).status, 404)
  })

  await t.test('Draft Version Identification: clients of the standard send no version', async t => {
    const standard = new DraftWire(service.url, null)
    const tus = new TusWire(service.url)
    const path = await standard.create(HALF)
    const { status, headers } = await standard.head(path)
    t.equal(status, 204)
    t.match(headers, { 'upload-offset': '5', 'upload-complete': '?0' })
    const { status: ended, informed } = await standard.append(path, 5, true, REST)
    t.same([ended, informed], [200, []], 'without a version nobody is told by 104')
    const given = await standard.create(HALF)
    t.equal((await standard.send('DELETE', given)).status, 204)
    for (const method of ['HEAD', 'PATCH', 'DELETE'])
      for (const gone of [given, UNKNOWN, '/uploads/none'])
        t.equal((await standard.send(method, gone)).status, 404, `${method} ${gone}`)
    // What is tus' stays so: a client that forgets its version is told.
    const other = await tus.create(5)
    for (const method of ['HEAD', 'DELETE']) t.equal((await standard.send(method, other)).status, 412, method)
    t.equal(await tus.offset(other), 0)
  })

  await t.test('State: parameters of items mean nothing (RFC 9651 §3.1.2)', async t => {
    const path = await draft.create(HALF)
    const headers = { ...draft.appendHeaders(0, true), 'upload-offset': '5;a=1', 'upload-complete': '?1; b' }
    t.equal((await draft.send('PATCH', path, headers, REST)).status, 200)
    t.equal(stored(path), HALF + REST)
  })

  await t.test('Representation Digests: told to who asks', async t => {
    const whole = HALF + REST
    const { headers } = await draft.post(true, whole, { 'want-repr-digest': 'md5=10, sha-512=3, sha-256=9' })
    t.equal(headers['repr-digest'], digest(whole))
    const path = await draft.create(HALF, { 'want-repr-digest': 'sha-512=1' })
    t.equal((await draft.append(path, 5, false, REST)).headers['repr-digest'], undefined)
    t.equal((await draft.append(path, 10, true)).headers['repr-digest'], digest(whole, 'sha-512'))
    for (const nothing of ['sha-256=0', 'md5=5', 'sha-256', '%'])
      t.equal(
        (await draft.post(true, whole, { 'want-repr-digest': nothing })).headers['repr-digest'],
        undefined,
      )
  })

  await t.test('Upload Append: parts, the last one with ?1', async t => {
    const path = await draft.create()
    const first = await draft.append(path, 0, false, HALF)
    t.equal(first.status, 204)
    t.equal(first.headers['upload-complete'], '?0')
    t.equal(first.headers['upload-offset'], '5')
    const last = await draft.append(path, 5, true, REST)
    t.equal(last.status, 200)
    t.equal(last.headers['upload-complete'], '?1')
    t.equal(last.headers['upload-offset'], '10')
    t.equal(JSON.parse(last.text).id, idOf(path))
    t.same(await sourceOf(path), Buffer.from(HALF + REST))
  })

  await t.test('Upload Append: no content with ?1 completes what is there', async t => {
    const path = await draft.create(HALF)
    t.equal((await draft.head(path)).headers['upload-complete'], '?0')
    const last = await draft.append(path, 5, true)
    t.equal(last.status, 200)
    t.equal(last.headers['upload-complete'], '?1')
    t.same(await sourceOf(path), Buffer.from(HALF))
    const again = await draft.append(path, 5, true)
    t.equal(again.status, 200, 'the final response is replayed')
    t.equal(again.text, last.text)
  })

  await t.test('Upload Append: application/partial-upload and nothing else', async t => {
    const path = await draft.create(HALF)
    for (const type of ['text/plain', 'application/offset+octet-stream', undefined]) {
      const answer = await draft.append(path, 5, false, REST, { 'content-type': type })
      t.equal(answer.status, 415, `${type}`)
      t.equal(answer.headers['accept-patch'], PARTIAL)
    }
    t.equal(await draft.offset(path), 5)
  })

  await t.test('Upload Append, Mismatching Offset: 409 with both', async t => {
    const path = await draft.create(HALF)
    const answer = await draft.append(path, 3, false, REST)
    t.equal(answer.status, 409)
    t.equal(answer.headers['upload-complete'], '?0')
    t.equal(answer.headers['upload-offset'], '5')
    const { type, status, ...members } = problem(answer)
    t.equal(type, `${TYPES}mismatching-upload-offset`)
    t.equal(status, 409)
    t.match(members, { 'expected-offset': 5, 'provided-offset': 3 })
    t.equal(stored(path), HALF)
  })

  await t.test('Completeness: nothing is added to a complete upload', async t => {
    const path = await draft.create(HALF, { 'upload-length': 5 })
    const answer = await draft.append(path, 5, false, REST)
    t.equal(answer.status, 400)
    t.equal(problem(answer).type, `${TYPES}completed-upload`)
    t.equal((await draft.append(path, 2, false, REST)).status, 409)
    t.same(await sourceOf(path), Buffer.from(HALF))
  })

  await t.test('Upload Cancellation', async t => {
    const path = await draft.create(HALF)
    t.equal((await draft.send('DELETE', path)).status, 204)
    t.equal((await draft.head(path)).status, 404)
    t.equal((await draft.append(path, 5, false, REST)).status, 404)
    t.equal((await draft.send('DELETE', path)).status, 404)
    t.notOk(existsSync(join(service.dataDir, path)))
    const lost = await draft.create(HALF)
    await rm(join(service.dataDir, lost))
    t.equal((await draft.head(lost)).status, 410)
    t.equal((await draft.send('DELETE', lost)).status, 204, 'also if its bytes were lost')
    t.equal((await draft.head(lost)).status, 404)
    const complete = (await draft.post(true, HALF)).headers.location!
    const condition = { 'if-match': '"another"' }
    t.equal((await draft.send('DELETE', complete, condition)).status, 412, 'as DELETE of the video')
    t.ok(await isVideo(complete))
    t.equal((await draft.send('DELETE', complete)).status, 204, 'the video goes with it')
    t.notOk(await isVideo(complete))
    t.equal((await draft.send('DELETE', complete)).status, 404)
    t.notOk(existsSync(join(service.dataDir, complete)))
  })

  await t.test('Concurrency: a newcomer ends the request before, and goes on from what that had', async t => {
    for (const next of ['HEAD', 'PATCH', 'DELETE']) {
      const path = await draft.create()
      const headers = { ...draft.appendHeaders(0, true), 'content-length': 10 }
      const { outgoing, answer } = draft.open('PATCH', path, headers)
      outgoing.write(HALF)
      await until(() => stored(path) === HALF)
      if (next === 'PATCH') t.equal((await draft.append(path, 5, true, REST)).status, 200)
      if (next === 'DELETE') t.equal((await draft.send('DELETE', path)).status, 204)
      if (next === 'HEAD') t.equal(await draft.offset(path), 5)
      const { status } = await answer
      t.equal(status, 423, 'which means: ask for the offset')
      if (next !== 'DELETE') t.equal(stored(path), next === 'PATCH' ? HALF + REST : HALF)
      outgoing.destroy()
    }
  })

  await t.test(
    'Concurrency: the offset that HEAD tells is accepted, and no live request is cut for it',
    async t => {
      const bytes = HALF + REST
      const slowly = async () => {
        const path = await draft.create()
        const headers = { ...draft.appendHeaders(0, false), 'content-length': bytes.length }
        const { outgoing, answer } = draft.open('PATCH', path, headers)
        outgoing.write(bytes[0]!)
        await until(() => stored(path) === bytes[0])
        const asked = draft.offset(path)
        // For longer than the two seconds without progress after which a request counts as silent.
        for (const byte of bytes.slice(1)) {
          await pause(300)
          outgoing.write(byte)
        }
        outgoing.end()
        t.equal((await answer).status, 204, 'it is not cut')
        return { path, offset: await asked }
      }
      // On a machine that stands still for two seconds, a request is silent: then once more.
      let { path, offset } = await slowly()
      for (let more = 3; more > 0 && offset !== bytes.length; more--) ({ path, offset } = await slowly())
      t.equal(offset, bytes.length, 'all bytes had come when the offset was told')
      t.equal((await draft.append(path, bytes.length, true)).status, 200)
    },
  )

  await t.test('104: place and limits at once, then the progress that is durable', async t => {
    const bytes = randomBytes(3_000_000)
    const { outgoing, answer, informed } = draft.open('POST', '/uploads', {
      'upload-complete': '?1',
      'content-length': bytes.length,
    })
    outgoing.flushHeaders()
    await until(() => informed.length)
    const [first] = informed
    t.equal(first!.status, 104)
    t.equal(first!.headers['upload-draft-interop-version'], '8')
    t.match(first!.headers['upload-limit'], `max-size=${MAX}`)
    const path = first!.headers.location!
    let sent = 0
    while (informed.length < 3) {
      if (sent < bytes.length - 10_000) {
        outgoing.write(bytes.subarray(sent, sent + 10_000))
        sent += 10_000
      }
      await pause(20)
      const told = Number(informed.at(-1)!.headers['upload-offset'] ?? 0)
      t.ok(told <= sent && told <= readFileSync(join(service.dataDir, path)).length)
    }
    outgoing.end(bytes.subarray(sent))
    const { headers } = await answer
    t.equal(headers['upload-complete'], '?1')
    const offsets = informed.slice(1).map(({ headers }) => Number(headers['upload-offset']))
    t.ok(offsets.length >= 2, `${offsets}`)
    t.same(
      offsets,
      offsets.toSorted((a, b) => a - b),
    )
    for (const { headers } of informed.slice(1)) t.equal(headers.location, undefined)
    t.ok((await sourceOf(path)).equals(bytes))
  })

  await t.test(
    '104: "the server MUST NOT omit the 100 (Continue) response because it has sent" one',
    async t => {
      const { outgoing, answer } = draft.open('POST', '/uploads', {
        'upload-complete': '?1',
        'content-length': 5,
        expect: '100-continue',
      })
      outgoing.flushHeaders()
      await once(outgoing, 'continue')
      outgoing.end(HALF)
      t.equal((await answer).status, 201)
    },
  )

  await t.test(
    'Draft Version Identification: 104 to nobody who did not name a version that there is',
    async t => {
      for (const version of [null, 2, 9, 'x', '8, 8']) {
        const wire = new DraftWire(service.url, version)
        const headers = { 'upload-complete': '?1' }
        const { status, informed } = await wire.send('POST', '/uploads', headers, HALF)
        t.equal(status, 201, `${version}`)
        t.same(informed, [], `${version}`)
      }
    },
  )

  await t.test('Content Digests: kept where they match, else not appended', async t => {
    const path = await draft.create(HALF, { 'content-digest': digest(HALF, 'sha-512') })
    const bad = await draft.append(path, 5, true, 'WRONG', { 'content-digest': digest(REST) })
    t.equal(bad.status, 400)
    t.equal(problem(bad).type, `${TYPES}digest-mismatched-values`)
    t.equal(bad.headers['upload-complete'], '?0')
    t.equal(await draft.offset(path), 5)
    t.equal(stored(path), HALF)
    t.notOk(await isVideo(path))
    for (const value of ['sha-256', 'sha-256=:!!:', `sha-256=${digest(REST).slice(9, -1)}`])
      t.equal((await draft.append(path, 5, true, REST, { 'content-digest': value })).status, 400, value)
    const short = await draft.append(path, 5, true, REST, { 'content-digest': 'sha-256=:AAAA:' })
    t.equal(problem(short).type, `${TYPES}digest-invalid-values`)
    const both = `md5=:AAAA:, ${digest(REST)}, ${digest(REST, 'sha-512')}`
    t.equal((await draft.append(path, 5, true, REST, { 'content-digest': both })).status, 200)
    t.same(await sourceOf(path), Buffer.from(HALF + REST))
  })

  await t.test('Representation Digests: of the whole, however many requests bring it', async t => {
    const right = { 'repr-digest': digest(HALF + REST) }
    t.equal((await draft.post(true, HALF + REST, right)).status, 201, 'in one')
    const path = await draft.create(HALF, right)
    t.equal((await draft.append(path, 5, true, REST)).status, 200, 'in two')
    t.same(await sourceOf(path), Buffer.from(HALF + REST))
    const last = await draft.create(HALF)
    t.equal((await draft.append(last, 5, true, REST, right)).status, 200, 'told at the end')
    const empty = await draft.create(HALF + REST, right)
    t.equal((await draft.append(empty, 10, true)).status, 200, 'completed by nothing')
  })

  await t.test('Representation Digests: an upload that has another is refused, and is no video', async t => {
    const wrong = { 'repr-digest': digest('something else') }
    const inOne = await draft.post(true, HALF + REST, wrong)
    const paths: string[] = [
      await draft.create(HALF, { ...wrong, 'upload-length': 10 }),
      await draft.create(HALF, wrong),
    ]
    const reached = await draft.append(paths[0]!, 5, false, REST)
    const completed = await draft.append(paths[1]!, 5, true)
    for (const answer of [inOne, reached, completed]) {
      t.equal(answer.status, 400)
      t.equal(problem(answer).type, `${TYPES}digest-mismatched-values`)
      t.equal(answer.headers['upload-complete'], '?1', 'to go on would not help')
    }
    paths.push(inOne.informed[0]!.headers.location!)
    for (const path of paths) {
      t.equal((await draft.head(path)).status, 404)
      t.notOk(await isVideo(path))
    }
  })

  await t.test('Content Codings: what is coded is no video', async t => {
    t.equal((await draft.post(true, HALF, { 'content-encoding': 'gzip' })).status, 415)
  })

  await t.test('both protocols on one upload', async t => {
    const tus = new TusWire(service.url)
    const begunByTus = await tus.create(10)
    t.equal((await tus.patch(begunByTus, 0, HALF)).status, 204)
    t.equal((await draft.head(begunByTus)).headers['upload-length'], '10')
    t.equal((await draft.append(begunByTus, 5, true, REST)).status, 200)
    const begunByDraft = await draft.create(HALF, { 'upload-length': 10 })
    t.equal(await tus.offset(begunByDraft), 5)
    t.equal((await tus.patch(begunByDraft, 5, REST)).status, 204)
    const unknownLength = await draft.create(HALF)
    t.equal((await tus.head(unknownLength)).headers['upload-defer-length'], '1')
    t.equal((await tus.patch(unknownLength, 5, REST, { 'upload-length': 10 })).status, 204)
    const deferred = await tus.create('deferred')
    t.equal((await tus.patch(deferred, 0, HALF)).status, 204)
    t.equal((await draft.append(deferred, 5, true, REST)).status, 200)
    for (const path of [begunByTus, begunByDraft, unknownLength, deferred]) {
      t.same(await sourceOf(path), Buffer.from(HALF + REST))
      t.equal((await draft.head(path)).headers['upload-complete'], '?1')
      t.equal(await tus.offset(path), 10)
    }
  })

  await t.test('pages of allowed origins may send and read all of it', async t => {
    const origin = 'https://a.example'
    const preflight = (from: string, names: string) =>
      new DraftWire(service.url, null).send('OPTIONS', '/uploads', {
        origin: from,
        'access-control-request-method': 'PATCH',
        'access-control-request-headers': names,
      })
    const { status, headers } = await preflight(origin, 'upload-complete,upload-offset')
    t.equal(status, 200)
    t.equal(headers['access-control-allow-origin'], origin)
    t.match(headers['access-control-allow-methods'], 'PATCH')
    for (const name of ['Upload-Complete', 'Upload-Offset', 'Upload-Draft-Interop-Version', 'Repr-Digest'])
      t.match(headers['access-control-allow-headers'], name)
    t.equal(
      (await preflight('https://b.example', 'upload-complete')).headers['access-control-allow-origin'],
      undefined,
    )
    for (const answer of [
      await draft.post(false, '', { origin }),
      await draft.send('HEAD', UNKNOWN, { origin }),
    ]) {
      t.equal(answer.headers['access-control-allow-origin'], origin)
      t.match(answer.headers['vary'], 'Origin')
      for (const name of ['Location', 'Upload-Offset', 'Upload-Limit', 'Upload-Complete'])
        t.match(answer.headers['access-control-expose-headers'], name)
    }
  })
}
