import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { type ClientRequest, get } from 'node:http'
import { join } from 'node:path'
import t from 'tap'
import { bigClip, textFile } from '../support/clips.ts'
import { openDescriptors } from '../support/open-descriptors.ts'
import { rawRequest } from '../support/raw-request.ts'
import { startService } from '../support/service.ts'
import { throwAwayDirectory } from '../support/throw-away-directory.ts'
import { until } from '../support/until.ts'
import { endedVideo, postVideo } from '../support/video-api.ts'

const SIZE = 12_000_000

// On one kind of database, as none of this depends on it.
await t.test('files of a video', async t => {
  const service = await startService()
  t.teardown(() => service.stop())
  const path = await bigClip(SIZE, { words: [{ word: 'apple', start: 0.5 }] })
  const bytes = readFileSync(path)
  const title = 'Grüße,\n世界 "1"/2.mp4'
  const { id } = await postVideo(service.url, path, { title }, { name: 'Größe €.mp4' })
  const video = await endedVideo(service.url, id)
  t.equal(video.status, 'ready')
  const ask = (headers: Record<string, string> = {}, { method = 'GET', what = 'stream' } = {}) =>
    rawRequest(service.url, `/videos/${id}/${what}`, { method, headers })

  for (const what of ['stream', 'source']) {
    await t.test(`${what}: all of it`, async t => {
      const { status, headers, body } = await ask({}, { what })
      t.equal(status, 200)
      t.equal(headers['content-length'], `${SIZE}`)
      t.equal(headers['content-range'], undefined)
      t.equal(headers['accept-ranges'], 'bytes')
      t.equal(headers['content-type'], 'video/mp4')
      t.equal(headers['x-content-type-options'], 'nosniff')
      t.match(headers.etag, /^"[^"]+"$/, 'a strong entity tag')
      t.ok(body.equals(bytes))
    })
  }

  await t.test('entity tags come of the content', async t => {
    for (const what of [
      'stream',
      'source',
      'audio',
      'poster',
      'poster/small',
      'storyboard.jpg',
      'peaks.json',
    ]) {
      const { headers, body } = await ask({}, { what })
      t.equal(headers.etag, `"${createHash('sha256').update(body).digest('hex')}"`, what)
    }
  })

  await t.test('the small poster is kept by caches under its own address, and no other', async t => {
    const link = video.links.poster_small!
    const cached = (path: string) =>
      rawRequest(service.url, path).then(({ headers }) => headers['cache-control'])
    t.match(link, new RegExp(`^/videos/${id}/poster/small\\?v=[\\w-]+$`))
    t.equal(await cached(link), 'private, max-age=31536000, immutable')
    const plain = link.split('?')[0]!
    for (const other of [plain, `${plain}?v=`, `${plain}?v=another`, `${link}&v=another`])
      t.equal(await cached(other), 'private, no-cache', other)
    const sizes = await Promise.all(
      ['poster', 'poster/small'].map(async what => (await ask({}, { what })).body.length),
    )
    t.ok(sizes[1]! <= sizes[0]!)
  })

  const ranges: Record<string, [start: number, end: number]> = {
    'bytes=0-1': [0, 1],
    'bytes=0-0': [0, 0],
    'bytes=1000-1999': [1000, 1999],
    'bytes=11000000-': [11_000_000, SIZE - 1],
    'bytes=-500': [SIZE - 500, SIZE - 1],
    // RFC 9110 §14.1.2: "If the selected representation is shorter than the specified suffix-length, the entire representation is used."
    'bytes=-99999999': [0, SIZE - 1],
    'bytes=11999999-99999999': [SIZE - 1, SIZE - 1],
    'bytes= 5-6': [5, 6],
  }
  for (const [range, [start, end]] of Object.entries(ranges)) {
    await t.test(`206: ${range}`, async t => {
      const { status, headers, body } = await ask({ range })
      t.equal(status, 206)
      t.equal(headers['content-range'], `bytes ${start}-${end}/${SIZE}`)
      t.equal(headers['content-length'], `${end - start + 1}`)
      t.ok(body.equals(bytes.subarray(start, end + 1)))
      const head = await ask({ range }, { method: 'HEAD' })
      t.equal(head.status, 206)
      t.equal(head.headers['content-length'], `${end - start + 1}`)
      t.equal(head.headers['content-range'], headers['content-range'])
      t.equal(head.body.length, 0)
    })
  }

  await t.test('416', async t => {
    for (const range of [`bytes=${SIZE}-`, 'bytes=99999999-999999999', 'bytes=-0']) {
      const { status, headers } = await ask({ range })
      t.equal(status, 416, range)
      t.equal(headers['content-range'], `bytes */${SIZE}`)
      t.equal((await ask({ range }, { method: 'HEAD' })).status, 416)
    }
  })

  await t.test('malformed ranges: all of it', async t => {
    for (const range of [
      'bytes=',
      'bytes=-',
      'bytes=a-b',
      'bytes=1',
      'lines=0-1',
      'nonsense',
      'bytes=0x0-0x1',
      'bytes=1.5-2',
      'bytes=--5',
    ]) {
      const { status, headers } = await ask({ range }, { method: 'HEAD' })
      t.equal(status, 200, range)
      t.equal(headers['content-length'], `${SIZE}`)
    }
  })

  await t.test('conditions', async t => {
    const { headers } = await ask({}, { method: 'HEAD' })
    const { etag, 'last-modified': modified } = headers as { etag: string; 'last-modified': string }
    t.equal(headers['content-length'], `${SIZE}`)
    for (const tag of [etag, `"other", ${etag}`, `W/${etag}`, '*']) {
      const { status, body, headers } = await ask({ 'if-none-match': tag })
      t.equal(status, 304, tag)
      t.equal(body.length, 0)
      t.equal(headers.etag, etag)
      const head = await ask({ 'if-none-match': tag }, { method: 'HEAD' })
      t.equal(head.status, 304)
      t.equal(head.headers['content-length'], undefined, 'which would be the length of what is not sent')
    }
    const range = 'bytes=0-1'
    t.equal((await ask({ 'if-none-match': '"other"', range })).status, 206)
    t.equal((await ask({ 'if-modified-since': modified })).status, 304)
    t.equal((await ask({ 'if-modified-since': 'Thu, 01 Jan 1970 00:00:00 GMT', range })).status, 206)
    t.equal((await ask({ range, 'if-range': etag })).status, 206)
    t.equal((await ask({ range, 'if-range': modified })).status, 206)
    for (const condition of ['"other"', `W/${etag}`, 'Thu, 01 Jan 1970 00:00:00 GMT', 'nonsense']) {
      const { status, headers } = await ask({ range, 'if-range': condition }, { method: 'HEAD' })
      t.equal(status, 200, condition)
      t.equal(headers['content-length'], `${SIZE}`)
    }
  })

  await t.test('how it is to be shown, and its name (RFC 8187)', async t => {
    const disposition = async (what: string) =>
      String((await ask({}, { method: 'HEAD', what })).headers['content-disposition'])
    t.match(await disposition('stream'), /^inline; /)
    for (const what of ['source', 'audio']) t.match(await disposition(what), /^attachment; /)
    t.match(await disposition('source'), /filename\*=UTF-8''Gr%C3%B6%C3%9Fe%20%E2%82%AC\.mp4/i)
    for (const what of ['stream', 'source', 'audio', 'poster']) {
      t.match(await disposition(what), /^[\x20-\x7e]+$/, 'in ASCII')
      t.notMatch(await disposition(what), /\/|%2F|%5C/i, 'no directories')
    }
    const poster = await ask({}, { what: 'poster' })
    t.equal(poster.headers['content-type'], 'image/jpeg')
    t.equal(poster.headers['x-content-type-options'], 'nosniff')
    const audio = await ask({ range: 'bytes=0-1' }, { what: 'audio' })
    t.equal(audio.status, 206)
    t.equal(audio.headers['content-type'], 'audio/mp4')
  })

  await t.test('what is no video is never shown, whatever it is said to be', async t => {
    const html = join(throwAwayDirectory('html'), 'page')
    writeFileSync(html, `<!doctype html><script>alert(document.domain)</script>${' '.repeat(5000)}`)
    for (const file of [html, await textFile()]) {
      for (const type of ['text/html', 'video/mp4', 'image/svg+xml']) {
        const { id } = await postVideo(service.url, file, {}, { name: 'page.html', type })
        const check = async (when: string) => {
          for (const what of ['stream', 'source']) {
            const { status, headers } = await rawRequest(service.url, `/videos/${id}/${what}`)
            t.equal(status, 200)
            t.match(headers['content-disposition'], /^attachment; /, `${what} of ${type} ${when}`)
            t.equal(headers['content-type'], 'application/octet-stream')
            t.equal(headers['x-content-type-options'], 'nosniff')
          }
        }
        await check('before it is looked at')
        t.match(await endedVideo(service.url, id), { status: 'failed', error: { code: 'unsupported_media' } })
        await check('after')
      }
    }
  })

  await t.test('an empty source', async t => {
    const empty = join(throwAwayDirectory('empty'), 'empty.mp4')
    writeFileSync(empty, '')
    const { id } = await postVideo(service.url, empty)
    const path = `/videos/${id}/stream`
    const whole = await rawRequest(service.url, path)
    t.equal(whole.status, 200)
    t.equal(whole.headers['content-length'], '0')
    const part = await rawRequest(service.url, path, { headers: { range: 'bytes=0-' } })
    t.equal(part.status, 416)
    t.equal(part.headers['content-range'], 'bytes */0')
  })

  await t.test('downloads that are broken off leave no file open', async t => {
    // Others come and go while the videos before this one are processed.
    const open = () => openDescriptors(join(service.dataDir, 'uploads', id), service.pid).length
    await until(() => open() === 0)
    const broken = await Promise.all(
      Array.from({ length: 20 }, () => stalledDownload(`${service.url}/videos/${id}/source`)),
    )
    t.equal(open(), 20, 'they were open')
    for (const download of broken) download.destroy()
    await until(() => open() === 0)
    t.equal((await ask({ range: 'bytes=0-1' })).status, 206)
  })

  await t.test('who reads slowly does not hold up the stop', async () => {
    const slow = await stalledDownload(`${service.url}/videos/${id}/source`)
    await service.stop()
    slow.destroy()
  })
  t.same(
    service.logs.filter(({ msg }) => msg === 'request failed'),
    [],
    'no error of the server',
  )
})

/** Begins a download and reads no more than its first bytes. Far more is to come than fits into the buffers in between. */
async function stalledDownload(url: string): Promise<ClientRequest> {
  const asked = get(url, { agent: false }).on('error', () => {})
  const [response] = await once(asked, 'response')
  response.on('error', () => {})
  await once(response, 'readable')
  return asked
}
