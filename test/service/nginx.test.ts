import { randomBytes } from 'node:crypto'
import { connect } from 'node:http2'
import { buffer } from 'node:stream/consumers'
import t from 'tap'
import { DraftWire } from '../support/draft-wire.ts'
import { readmeLocation, startNginx } from '../support/nginx-proxy.ts'
import { startService } from '../support/service.ts'
import { tusUpload, uploadId } from '../support/tus-upload.ts'
import { sha256 } from '../support/video-api.ts'

// A real nginx in front: it takes 104 for the final answer.

const BYTES = randomBytes(3_000_000)
const HALF = 1_500_000

/** One request over HTTP/2. */
async function h2(origin: string, headers: Record<string, string>, body: Uint8Array = Buffer.alloc(0)) {
  const session = connect(origin)
  try {
    const stream = session.request(headers, { endStream: body.length === 0 })
    const answer = Promise.withResolvers<Record<string, unknown>>()
    stream.on('response', answer.resolve).on('error', answer.reject)
    session.on('error', answer.reject)
    if (body.length > 0) stream.end(body)
    const got = await answer.promise
    return { status: Number(got[':status']), headers: got, text: String(await buffer(stream)) }
  } finally {
    session.close()
  }
}

t.test('uploads through nginx', async t => {
  const service = await startService()
  t.teardown(() => service.stop())
  const stored = async (path: unknown) =>
    sha256(await (await fetch(`${service.url}/videos/${uploadId(String(path))}/source`)).bytes())
  const locations = {
    'as docs/operations.md has it': readmeLocation(service.url),
    'with no header of its own': `location / { proxy_pass ${service.url}; proxy_http_version 1.1; proxy_request_buffering off; }`,
  }
  for (const [name, location] of Object.entries(locations)) {
    const { http1, http2 } = await startNginx(t, location)

    await t.test(`${name}: the IETF's draft over HTTP/1.1`, async t => {
      const draft = new DraftWire(http1)
      const whole = await draft.post(true, BYTES)
      t.same([whole.status, whole.informed], [201, []])
      t.equal(await stored(whole.headers.location), sha256(BYTES))
      const path = await draft.create(BYTES.subarray(0, HALF))
      t.equal(await draft.offset(path), HALF)
      t.equal((await draft.append(path, HALF, true, BYTES.subarray(HALF))).status, 200)
      t.equal(await stored(path), sha256(BYTES))
    })

    await t.test(`${name}: the IETF's draft over HTTP/2`, async t => {
      const version = { 'upload-draft-interop-version': '8' }
      const post = { ':method': 'POST', ':path': '/uploads', ...version }
      const whole = await h2(http2, { ...post, 'upload-complete': '?1' }, BYTES)
      t.equal(whole.status, 201, whole.text)
      t.equal(await stored(whole.headers['location']), sha256(BYTES))
      const first = await h2(http2, { ...post, 'upload-complete': '?0' }, BYTES.subarray(0, HALF))
      const path = String(first.headers['location'])
      const head = await h2(http2, { ':method': 'HEAD', ':path': path, ...version })
      t.match([head.status, head.headers['upload-offset']], [204, String(HALF)])
      const last = await h2(
        http2,
        {
          ':method': 'PATCH',
          ':path': path,
          ...version,
          'content-type': 'application/partial-upload',
          'upload-offset': String(HALF),
          'upload-complete': '?1',
        },
        BYTES.subarray(HALF),
      )
      t.equal(last.status, 200, last.text)
      t.equal(await stored(path), sha256(BYTES))
    })

    await t.test(`${name}: tus-js-client, broken off and resumed`, async t => {
      const chunk = Promise.withResolvers<void>()
      const description = 'x'.repeat(3000)
      const options = { chunkSize: 1_000_000, metadata: { title: 'Talk', description } }
      const first = tusUpload(http1, BYTES, { ...options, onChunkComplete: () => chunk.resolve() })
      await chunk.promise
      await first.upload.abort()
      const uploadUrl = new URL(first.upload.url!, http1).href
      const id = await tusUpload(http1, BYTES, {
        uploadUrl,
        chunkSize: 1_000_000,
        retryDelays: [0, 200, 1000],
      }).done
      t.equal(await stored(id), sha256(BYTES))
    })
  }
})
