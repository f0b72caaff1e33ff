import { randomBytes } from 'node:crypto'
import type { Test } from 'tap'
import type { UploadOptions } from 'tus-js-client'
import type { LastingService } from '../support/lasting-service.ts'
import { tusUpload, uploadId } from '../support/tus-upload.ts'
import { getJson, sha256 } from '../support/video-api.ts'

const SIZE = 3_000_000
const CHUNK = 1_000_000

/** Options in a protocol that the types of tus-js-client do not know. A 409 or 423 is answered by asking again, as in any real client. */
const speaking = (protocol: string, options: UploadOptions = {}): UploadOptions =>
  ({ retryDelays: [100, 500, 1000], ...options, protocol }) as UploadOptions

// tus-js-client in its draft protocols: `ietf-draft-03` is interop version 5, `ietf-draft-05` is 6.
export async function draftClients(t: Test, { service }: LastingService): Promise<void> {
  const sourceOf = async (id: string) =>
    sha256(await (await fetch(`${service.url}/videos/${id}/source`)).bytes())

  for (const protocol of ['ietf-draft-03', 'ietf-draft-05', 'tus-v1'] as const) {
    const other = protocol === 'tus-v1' ? 'ietf-draft-05' : 'tus-v1'

    await t.test(`${protocol}: plain, chunked, with the first bytes in the creation, and empty`, async t => {
      for (const options of [
        {},
        { chunkSize: CHUNK },
        { uploadDataDuringCreation: true },
        { uploadDataDuringCreation: true, chunkSize: CHUNK },
      ]) {
        const bytes = randomBytes(SIZE)
        const metadata = { filename: 'a.mp4', title: 'Über' }
        const id = await tusUpload(service.url, bytes, speaking(protocol, { metadata, ...options })).done
        t.equal(await sourceOf(id), sha256(bytes), JSON.stringify(options))
        t.equal((await getJson(`${service.url}/videos/${id}`)).title, 'Über')
      }
      const empty = await tusUpload(service.url, Buffer.alloc(0), speaking(protocol)).done
      t.equal(await sourceOf(empty), sha256(Buffer.alloc(0)))
    })

    for (const then of [protocol, other]) {
      await t.test(`${protocol}: broken off, and resumed with ${then}`, async t => {
        const bytes = randomBytes(SIZE)
        const chunk = Promise.withResolvers<void>()
        const first = tusUpload(
          service.url,
          bytes,
          speaking(protocol, { chunkSize: CHUNK, onChunkComplete: () => chunk.resolve() }),
        )
        await chunk.promise
        await first.upload.abort()
        const url = first.upload.url!
        let began: number | undefined
        const { done } = tusUpload(
          service.url,
          bytes,
          speaking(then, { uploadUrl: url, onProgress: sent => (began ??= sent) }),
        )
        t.equal(await done, uploadId(url))
        t.ok(began! >= CHUNK, `${began} bytes were not sent again`)
        t.equal(await sourceOf(uploadId(url)), sha256(bytes))
      })
    }
  }
}
