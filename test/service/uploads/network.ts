import { randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import type { Test } from 'tap'
import type { UploadOptions } from 'tus-js-client'
import { type Fault, startFaultyProxy } from '../../support/faulty-proxy.ts'
import type { LastingService } from '../../support/lasting-service.ts'
import { tusUpload } from '../../support/tus-upload.ts'
import { getJson, sha256 } from '../../support/video-api.ts'

// tus-js-client through a network that does harm. Whatever that is, the upload ends, with its own bytes, in one video.

const SIZE = 3_000_000
const BYTES = randomBytes(SIZE)
const PATIENT = Array<number>(60).fill(50)

/** What happens to the connections of one upload, by their number; none beyond these. */
const NETWORKS: Readonly<Record<string, (connection: number) => Fault>> = {
  'connections are cut on the way there': number =>
    number % 2 === 0 && number < 10 ? { kind: 'cut', after: 200_000 * (number + 1) } : { kind: 'none' },
  'connections are cut before their first byte': number =>
    number < 5 ? { kind: 'cut', after: 0 } : { kind: 'none' },
  'answers are lost': number => (number < 6 ? { kind: 'cut-answer', after: 0 } : { kind: 'none' }),
  'answers are cut in the middle': number =>
    number < 6 ? { kind: 'cut-answer', after: 20 + number } : { kind: 'none' },
  'connections stand still for a while': number =>
    number < 3 ? { kind: 'stall', after: 500_000, pause: 700 } : { kind: 'none' },
  'the server does not learn that the client is gone': number =>
    number < 6 ? { kind: 'half-open', after: 400_000 } : { kind: 'none' },
  'it is slow': () => ({ kind: 'throttle', bytes: 16_000, pause: 1 }),
}

/** A body whose length its sender does not know, in pieces that fit nothing. */
function stream(): Readable {
  const pieces: Buffer[] = []
  for (let at = 0; at < SIZE; at += 77_777) pieces.push(BYTES.subarray(at, at + 77_777))
  return Readable.from(pieces, { objectMode: false })
}

/** Options in a protocol that the types of tus-js-client do not know. */
function draft(protocol: string): UploadOptions {
  return { protocol } as UploadOptions
}

const CLIENTS: Readonly<Record<string, { input: () => Buffer | Readable; options: UploadOptions }>> = {
  'in one piece': { input: () => BYTES, options: {} },
  'in chunks': { input: () => BYTES, options: { chunkSize: 700_000, uploadDataDuringCreation: true } },
  'of a length told later': {
    input: stream,
    options: { chunkSize: 700_000, uploadLengthDeferred: true },
  },
  'in three parts at once': { input: () => BYTES, options: { parallelUploads: 3 } },
  'over the draft, in one piece': { input: () => BYTES, options: draft('ietf-draft-03') },
  'over the draft, in chunks': {
    input: () => BYTES,
    options: { ...draft('ietf-draft-05'), chunkSize: 700_000 },
  },
  'over the draft, of a length told later': {
    input: stream,
    options: { ...draft('ietf-draft-05'), chunkSize: 700_000, uploadLengthDeferred: true },
  },
}

export async function badNetworks(t: Test, { service }: LastingService): Promise<void> {
  const videos = async () =>
    (await getJson<{ items: unknown[] }>(`${service.url}/videos?limit=100`)).items.length

  for (const [network, faultOf] of Object.entries(NETWORKS)) {
    await t.test(network, async t => {
      const before = await videos()
      const uploads = Object.entries(CLIENTS).map(async ([how, { input, options }]) => {
        let harmed = 0
        const proxy = await startFaultyProxy(service.url, number => {
          const fault = faultOf(number)
          if (fault.kind !== 'none') harmed++
          return fault
        })
        t.teardown(() => proxy.close())
        const id = await tusUpload(proxy.url, input(), { retryDelays: PATIENT, ...options }).done
        const source = await fetch(`${service.url}/videos/${id}/source`)
        t.equal(sha256(await source.bytes()), sha256(BYTES), how)
        t.ok(harmed > 0, `${harmed} of ${proxy.connections} connections were harmed`)
      })
      await Promise.all(uploads)
      t.equal(await videos(), before + uploads.length, 'one video each')
    })
  }

  const serious = service.logs.filter(({ msg }) => /request failed/.test(msg ?? ''))
  t.same(serious, [], 'nothing of this was an error of the server')
}
