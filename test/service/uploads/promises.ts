import { createHash, randomBytes } from 'node:crypto'
import type { ClientRequest, OutgoingHttpHeaders } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import type { Test } from 'tap'
import { DraftWire } from '../../support/draft-wire.ts'
import type { LastingService } from '../../support/lasting-service.ts'
import type { RawAnswer } from '../../support/raw-request.ts'
import { Recorder } from '../../support/recorder.ts'
import { uploadId } from '../../support/tus-upload.ts'
import { TusWire } from '../../support/tus-wire.ts'
import { until } from '../../support/until.ts'
import { sha256 } from '../../support/video-api.ts'

// An offset that was told is a promise: a request that goes on there is accepted, whatever another writer does or has done meanwhile, and
// no byte is lost that anybody was told of.

const SIZE = 3_000_000
const BYTES = randomBytes(SIZE)
const OTHER = randomBytes(SIZE)
const FIRST = 1_200_000
const SECOND = 2_000_000

interface Protocol {
  /** The offset that it tells. */
  told(path: string): Promise<number>
  /** Sends the bytes from an offset on. */
  resume(path: string, at: number, body?: Uint8Array, headers?: OutgoingHttpHeaders): Promise<RawAnswer>
  open(path: string, at: number): { outgoing: ClientRequest; answer: Promise<RawAnswer> }
}

/** @param options.all whether over both protocols, and what takes seconds too. */
export async function promises(t: Test, server: LastingService, { all }: { all: boolean }): Promise<void> {
  const url = server.service.url
  const tus = new TusWire(url)
  const draft = new DraftWire(url)
  const protocols: Record<string, Protocol> = {
    tus: {
      told: path => tus.offset(path),
      resume: (path, at, body = BYTES.subarray(at), headers = {}) => tus.patch(path, at, body, headers),
      open: (path, at) => tus.openPatch(path, at, { 'content-length': SIZE - at }),
    },
    'the draft': {
      told: async path => Number((await draft.send('GET', path)).headers['upload-offset']),
      resume: (path, at, body = BYTES.subarray(at), headers = {}) =>
        draft.append(path, at, at + body.length === SIZE, body, headers),
      open: (path, at) =>
        draft.open('PATCH', path, { ...draft.appendHeaders(at, true), 'content-length': SIZE - at }),
    },
  }
  const sourceOf = async (path: string) =>
    sha256(await (await fetch(`${url}/videos/${uploadId(path)}/source`)).bytes())
  /** Writes and waits until the server has a part of it on its disk, which nobody was told of. */
  const write = async (writer: ClientRequest, bytes: Uint8Array) => {
    writer.on('error', () => {})
    await new Promise<void>(resolve => writer.write(bytes, () => resolve()))
  }

  for (const [name, { told, resume, open }] of Object.entries(protocols)) {
    if (!all && name !== 'tus') continue

    await t.test(`${name}: the writer is frozen, goes on, or sends other bytes`, async t => {
      for (const more of [undefined, BYTES, OTHER]) {
        const path = await tus.create(SIZE)
        const { outgoing, answer } = open(path, 0)
        await write(outgoing, BYTES.subarray(0, FIRST))
        const at = await told(path)
        if (more) await write(outgoing, more.subarray(FIRST, SECOND))
        const { status, headers } = await resume(path, at)
        t.equal(status, name === 'tus' ? 204 : 200)
        t.equal(headers['upload-offset'], `${SIZE}`)
        const replaced = await answer
        t.equal(replaced.status, 423, 'a client can try again after that')
        t.equal(replaced.headers['upload-offset'], undefined, 'it is told no offset that would not hold')
        t.equal(await sourceOf(path), sha256(BYTES))
        outgoing.destroy()
      }
    })

    await t.test(`${name}: the writer reaches the end`, async t => {
      const path = await tus.create(SIZE)
      const { outgoing, answer } = open(path, 0)
      await write(outgoing, BYTES.subarray(0, FIRST))
      // The draft waits for a writer that makes progress.
      const at = await told(path)
      outgoing.end(BYTES.subarray(FIRST))
      t.ok((await answer).status < 300)
      const other = await resume(path, at, OTHER.subarray(at))
      t.equal(other.status, 409, 'a finished video is not overwritten')
      t.equal(other.headers['upload-offset'], `${SIZE}`)
      const { status, headers } = await resume(path, at)
      t.ok(status < 300, `the same bytes end well: ${status}`)
      t.equal(headers['upload-offset'], `${SIZE}`)
      t.equal(await sourceOf(path), sha256(BYTES))
    })

    await t.test(`${name}: what somebody was told of stays`, async t => {
      const path = await tus.create(SIZE)
      const { outgoing } = open(path, 0)
      await write(outgoing, BYTES.subarray(0, FIRST))
      const early = await until(() => told(path))
      await write(outgoing, BYTES.subarray(FIRST, SECOND))
      // An observer, who has no mind to write.
      const late = await until(async () => {
        const at = await tus.offset(path)
        return at === SECOND && at
      })
      const { status, headers } = await resume(path, early, OTHER.subarray(early))
      t.equal(status, 409)
      t.equal(headers['upload-offset'], `${late}`)
      t.equal(await told(path), late)
      t.ok((await resume(path, early, BYTES.subarray(early, late + 1000))).status < 300, 'the earlier offset')
      t.equal(await told(path), late + 1000)
      t.equal((await resume(path, early)).status, 409, 'a promise ends when a later request has succeeded')
      t.ok((await resume(path, late + 1000)).status < 300)
      t.equal(await sourceOf(path), sha256(BYTES))
      outgoing.destroy()
    })

    await t.test(`${name}: small pieces, each acknowledged as the protocol says`, async t => {
      const path = await tus.create(SIZE)
      const { outgoing } = open(path, 0)
      await write(outgoing, BYTES.subarray(0, FIRST))
      const start = await told(path)
      await write(outgoing, BYTES.subarray(FIRST, SECOND))
      for (let at = start; at < SIZE; ) {
        const end = Math.min(SIZE, at + 500_000)
        const { status, headers } = await resume(path, at, BYTES.subarray(at, end))
        t.ok(status < 300, `${status} at ${at}`)
        t.equal(headers['upload-offset'], `${end}`)
        t.equal(await told(path), end)
        at = end
      }
      t.equal(await sourceOf(path), sha256(BYTES))
      outgoing.destroy()
    })

    await t.test(`${name}: ten clients at once`, async t => {
      const path = await tus.create(SIZE)
      const { outgoing } = open(path, 0)
      await write(outgoing, BYTES.subarray(0, FIRST))
      const clients = Array.from({ length: 10 }, async () => {
        const at = await told(path)
        return (await resume(path, at)).status
      })
      const statuses = await Promise.all(clients)
      t.ok(
        statuses.some(status => status < 300),
        `one ends well: ${statuses}`,
      )
      t.ok(
        statuses.every(status => status < 300 || status === 423 || status === 409),
        `${statuses}`,
      )
      t.equal(await sourceOf(path), sha256(BYTES))
      outgoing.destroy()
    })

    if (name === 'tus')
      await t.test('the server is killed in between', async t => {
        const path = await tus.create(SIZE)
        const { outgoing } = open(path, 0)
        await write(outgoing, BYTES.subarray(0, FIRST))
        const at = await until(() => tus.offset(path))
        await write(outgoing, BYTES.subarray(FIRST, SECOND))
        await until(async () => (await tus.offset(path)) > at)
        await server.service.kill()
        await server.startAgain()
        const { status, headers } = await resume(path, at)
        t.ok(status < 300, `${status}`)
        t.equal(headers['upload-offset'], `${SIZE}`)
        t.equal(await sourceOf(path), sha256(BYTES))
      })
  }

  if (!all) return
  await t.test('observers do not cut a writer that pauses', async t => {
    const path = await tus.create(40)
    const { outgoing, answer } = tus.openPatch(path, 0, { 'content-length': 40 })
    let asking = true
    const observe = async (told: () => Promise<unknown>) => {
      while (asking) {
        await told()
        await pause(100)
      }
    }
    await write(outgoing, BYTES.subarray(0, 10))
    const observers = [observe(() => tus.offset(path)), observe(() => draft.offset(path))]
    for (const at of [10, 20, 30]) {
      // More than the two seconds after which a writer once counted as gone.
      await pause(2500)
      await write(outgoing, BYTES.subarray(at, at + 10))
    }
    t.equal((await answer).status, 204)
    asking = false
    await Promise.all(observers)
    t.equal(await sourceOf(path), sha256(BYTES.subarray(0, 40)))
  })

  await t.test('checksums, digests, lengths told later, parts and recordings', async t => {
    const at = async (path: string) => {
      const { outgoing } = tus.openPatch(path, 0)
      await write(outgoing, BYTES.subarray(0, FIRST))
      const told = await tus.offset(path)
      await write(outgoing, OTHER.subarray(FIRST, SECOND))
      return told
    }
    const sum = (bytes: Uint8Array) => `sha1 ${createHash('sha1').update(bytes).digest('base64')}`
    const digest = (bytes: Uint8Array) => `sha-256=:${createHash('sha256').update(bytes).digest('base64')}:`

    const checked = await tus.create(SIZE)
    const from = await at(checked)
    const rest = BYTES.subarray(from)
    t.equal((await tus.patch(checked, from, rest, { 'upload-checksum': sum(OTHER) })).status, 460)
    const kept = await tus.offset(checked)
    t.ok(kept >= from, `${kept}`)
    const last = BYTES.subarray(kept)
    t.equal((await tus.patch(checked, kept, last, { 'upload-checksum': sum(last) })).status, 204)

    const digested = await tus.create(SIZE)
    const there = await at(digested)
    const headers = {
      'content-digest': digest(BYTES.subarray(there)),
      'repr-digest': digest(BYTES),
    }
    t.equal((await draft.append(digested, there, true, BYTES.subarray(there), headers)).status, 200)

    const deferred = await tus.create('deferred')
    const begun = await at(deferred)
    // Fewer bytes than the writer has brought.
    const short = begun + 1000
    const told = { 'upload-length': short }
    t.equal((await tus.patch(deferred, begun, BYTES.subarray(begun, short), told)).status, 204)
    t.equal(await sourceOf(deferred), sha256(BYTES.subarray(0, short)))

    const part = await tus.create(SIZE, { 'upload-concat': 'partial' })
    const mid = await at(part)
    t.equal((await tus.patch(part, mid, BYTES.subarray(mid))).status, 204)
    const joined = await tus.send('POST', '/uploads', { 'upload-concat': `final;${part}` })

    const recorder = new Recorder(() => url)
    const recording = `/uploads/${await recorder.create()}`
    const reached = await at(recording)
    const length = { 'upload-length': SIZE }
    t.equal((await tus.patch(recording, reached, BYTES.subarray(reached), length)).status, 204)

    for (const path of [checked, digested, joined.headers.location!, recording])
      t.equal(await sourceOf(path), sha256(BYTES))
  })
}
