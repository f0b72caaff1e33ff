import { randomBytes } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import type { Test } from 'tap'
import { Upload } from 'tus-js-client'
import { bigClip } from '../../support/clips.ts'
import type { LastingService } from '../../support/lasting-service.ts'
import { tusUpload, uploadId } from '../../support/tus-upload.ts'
import { until } from '../../support/until.ts'
import { endedVideo, getJson, sha256 } from '../../support/video-api.ts'

const MB = 1e6
const SIZE = 8 * MB
/** No film: what becomes of one is seen once. */
const BYTES = randomBytes(SIZE)

/** Retries for half a minute: longer than any restart takes. */
const PATIENT = Array<number>(1200).fill(250)

const sourceOf = async ({ service }: LastingService, id: string) =>
  sha256(await (await fetch(`${service.url}/videos/${id}/source`)).bytes())

export async function tusClients(t: Test, server: LastingService): Promise<void> {
  const hash = sha256(BYTES)
  const stored = () => readdirSync(join(server.service.dataDir, 'uploads')).sort()

  await t.test('one request', async t => {
    const metadata = {
      filename: 'Größe 1:2.mp4',
      filetype: 'video/mp4',
      title: 'Grüße, 世界 🎬',
      description: 'line one\nline two',
      language: 'pt-BR',
      something: 'of the client',
    }
    const film = readFileSync(await bigClip(SIZE, { words: [{ word: 'apple', start: 0.5 }] }))
    const id = await tusUpload(server.service.url, film, { metadata }).done
    t.equal(await sourceOf(server, id), sha256(film))
    t.match(await endedVideo(server.service.url, id), {
      id,
      status: 'ready',
      title: metadata.title,
      description: metadata.description,
      language: 'pt-BR',
      filename: metadata.filename,
      content_type: 'video/mp4',
      size: SIZE,
      sha256: sha256(film),
    })
  })

  await t.test('in chunks, the last of which is shorter', async t => {
    const offsets: number[] = []
    const { done } = tusUpload(server.service.url, BYTES, {
      chunkSize: 3 * MB,
      onChunkComplete: (_size, accepted) => void offsets.push(accepted),
    })
    t.equal(await sourceOf(server, await done), hash)
    t.same(offsets, [3 * MB, 6 * MB, SIZE])
  })

  await t.test('a stream whose length is told at its end', async t => {
    const requests: string[] = []
    // (Streams whose length its chunks divide tus-js-client never ends.)
    const { done } = tusUpload(server.service.url, Readable.from([BYTES], { objectMode: false }), {
      uploadLengthDeferred: true,
      chunkSize: 3 * MB,
      onBeforeRequest: request =>
        void requests.push(`${request.getMethod()} ${request.getHeader('Upload-Length') ?? '?'}`),
    })
    t.equal(await sourceOf(server, await done), hash)
    t.same(requests, ['POST ?', 'PATCH ?', 'PATCH ?', `PATCH ${SIZE}`])
  })

  await t.test('nothing at all becomes a video that cannot be used', async t => {
    const id = await tusUpload(server.service.url, Buffer.alloc(0), { metadata: { filename: 'empty.mp4' } })
      .done
    t.match(await endedVideo(server.service.url, id), {
      status: 'failed',
      size: 0,
      title: 'empty',
      error: { code: 'unsupported_media' },
    })
    const source = await fetch(`${server.service.url}/videos/${id}/source`)
    t.equal(source.status, 200)
    t.equal((await source.bytes()).length, 0)
  })

  await t.test('bytes that come with the creation', async t => {
    const methods: string[] = []
    const onBeforeRequest = (request: { getMethod(): string }) => void methods.push(request.getMethod())
    const options = { uploadDataDuringCreation: true, onBeforeRequest }
    t.equal(await sourceOf(server, await tusUpload(server.service.url, BYTES, options).done), hash)
    t.same(methods, ['POST'])
    methods.length = 0
    const inChunks = tusUpload(server.service.url, BYTES, { ...options, chunkSize: 3 * MB })
    t.equal(await sourceOf(server, await inChunks.done), hash)
    t.same(methods, ['POST', 'PATCH', 'PATCH'])
  })

  await t.test('broken off, and taken up again by its URL', async t => {
    const first = tusUpload(server.service.url, BYTES, {
      chunkSize: MB,
      onChunkComplete: (_size, accepted) => accepted >= 3 * MB && void first.upload.abort(),
    })
    const url = await until(() => first.upload.url)
    const accepted: number[] = []
    await until(async () => {
      const head = await fetch(url, { method: 'HEAD', headers: { 'tus-resumable': '1.0.0' } })
      return Number(head.headers.get('upload-offset')) >= 3 * MB
    })
    const video = await getJson(`${server.service.url}/videos/${uploadId(url)}`)
    t.match(video, { status: 'uploading' }, 'not a whole video before its last byte')
    let sent = 0
    const second = tusUpload(server.service.url, BYTES, {
      uploadUrl: url,
      chunkSize: MB,
      onChunkComplete: (size, total) => {
        sent += size
        accepted.push(total)
      },
    })
    t.equal(await second.done, uploadId(url))
    t.ok(sent <= SIZE - 3 * MB, `sent no more than what was missing: ${sent} bytes`)
    t.equal(accepted.at(-1), SIZE)
    t.equal(await sourceOf(server, uploadId(url)), hash)
  })

  await t.test('terminated before its end: nothing is left', async t => {
    const before = stored()
    const { upload } = tusUpload(server.service.url, BYTES, {
      chunkSize: MB,
      onChunkComplete: (_size, accepted) => accepted === 2 * MB && void upload.abort(),
    })
    const url = await until(() => upload.url)
    t.ok(existsSync(join(server.service.dataDir, 'uploads', uploadId(url))))
    await upload.abort(true)
    t.same(stored(), before)
    const head = await fetch(url, { method: 'HEAD', headers: { 'tus-resumable': '1.0.0' } })
    t.ok([404, 410].includes(head.status), `HEAD answers ${head.status}`)
    await t.rejects(tusUpload(server.service.url, BYTES, { uploadUrl: url, endpoint: null }).done)
    t.same(stored(), before, 'and a late writer brings nothing back')
  })

  await t.test('terminating what is finished deletes its video', async t => {
    const { upload, done } = tusUpload(server.service.url, BYTES)
    const id = await done
    t.equal(await sourceOf(server, id), hash)
    await Upload.terminate(upload.url!, { retryDelays: [] })
    t.equal((await fetch(`${server.service.url}/videos/${id}`)).status, 404)
  })

  await t.test('the server is killed in the middle and comes back: the client goes on by itself', async t => {
    let killed: Promise<void> | undefined
    const offsets: number[] = []
    const { done } = tusUpload(server.service.url, BYTES, {
      chunkSize: 2 * MB,
      retryDelays: PATIENT,
      // The third chunk is on its way.
      onProgress: sent => {
        if (sent > 4 * MB) killed ??= server.service.kill()
      },
      onAfterResponse: (_request, response) => {
        const offset = response.getHeader('upload-offset')
        if (offset !== undefined) offsets.push(Number(offset))
      },
    })
    await until(() => killed !== undefined)
    await killed
    await server.startAgain()
    t.equal(await sourceOf(server, await done), hash)
    t.equal(offsets.at(-1), SIZE)
    t.same(
      offsets,
      offsets.toSorted((a, b) => a - b),
      'no offset that was named is taken back',
    )
    t.ok(offsets.includes(4 * MB), 'it did not begin again')
  })
}
