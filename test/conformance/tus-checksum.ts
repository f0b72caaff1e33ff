import { createHash, randomBytes } from 'node:crypto'
import { appendFileSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import type { Test } from 'tap'
import type { LastingService } from '../support/lasting-service.ts'
import type { RawAnswer } from '../support/raw-request.ts'
import { uploadId } from '../support/tus-upload.ts'
import { TusWire } from '../support/tus-wire.ts'
import { until } from '../support/until.ts'
import { isWholeVideo, sha256 } from '../support/video-api.ts'

// tus resumable upload protocol 1.0.0, Checksum; sums by the header and by the trailer.

const MIB = 2 ** 20
const ALGORITHMS = ['sha1', 'sha256', 'sha512', 'md5', 'crc32']
const FIRST = Buffer.from('the first ')
const SECOND = Buffer.from('and the second piece')
const LENGTH = FIRST.length + SECOND.length

function checksum(algorithm: string, bytes: Uint8Array): string {
  const digest = algorithm === 'crc32' ? Buffer.alloc(4) : createHash(algorithm).update(bytes).digest()
  if (algorithm === 'crc32') digest.writeUInt32BE(crc32(bytes))
  return `${algorithm} ${digest.toString('base64')}`
}

export async function tusChecksum(t: Test, server: LastingService): Promise<void> {
  const tus = new TusWire(() => server.service.url)
  const file = (path: string) => join(server.service.dataDir, path)
  const stored = (path: string) => readFileSync(file(path))
  const sizeOf = (path: string) => statSync(file(path)).size
  const isVideo = (path: string) => isWholeVideo(server.service.url, uploadId(path))
  const begun = async (length = LENGTH, first: Uint8Array = FIRST) => {
    const path = await tus.create(length)
    t.equal((await tus.patch(path, 0, first)).status, 204)
    return path
  }
  const unchanged = async (path: string, first: Uint8Array = FIRST) => {
    t.equal(await tus.offset(path), first.length, 'the offset is what it was')
    t.ok(stored(path).equals(first), 'the bytes are what they were')
    t.notOk(await isVideo(path), 'no video')
  }

  /** The two ways in which a sum comes with a body. */
  const ways: Record<
    string,
    (path: string, offset: number, body: Uint8Array, sum: string) => Promise<RawAnswer>
  > = {
    header: (path, offset, body, sum) => tus.patch(path, offset, body, { 'upload-checksum': sum }),
    trailer: (path, offset, body, sum) => {
      const { outgoing, answer } = tus.openPatch(path, offset, { trailer: 'Upload-Checksum' })
      outgoing.addTrailers({ 'Upload-Checksum': sum })
      outgoing.end(body)
      return answer
    },
  }

  await t.test('OPTIONS names the extensions and the algorithms, sha1 among them', async t => {
    const { headers } = await tus.send('OPTIONS', '/uploads')
    const extensions = String(headers['tus-extension']).split(',')
    t.ok(extensions.includes('checksum'))
    t.ok(extensions.includes('checksum-trailer'))
    const names = String(headers['tus-checksum-algorithm']).split(',')
    t.same(names.toSorted(), ALGORITHMS.toSorted())
    for (const name of names) t.match(name, /^[\x21-\x2b\x2d-\x40\x5b-\x7e]+$/, 'ASCII without upper case')
  })

  for (const [way, send] of Object.entries(ways)) {
    for (const algorithm of ALGORITHMS) {
      await t.test(`${algorithm} by ${way}`, async t => {
        const path = await begun()
        const wrong = await send(path, FIRST.length, SECOND, checksum(algorithm, FIRST))
        t.equal(wrong.status, 460, 'bytes of another sum')
        await unchanged(path)
        const piece = SECOND.subarray(0, 5)
        const right = await send(path, FIRST.length, piece, checksum(algorithm, piece))
        t.equal(right.status, 204)
        t.equal(right.headers['upload-offset'], `${FIRST.length + 5}`)
        const rest = SECOND.subarray(5)
        const last = await send(path, FIRST.length + 5, rest, checksum(algorithm, rest))
        t.equal(last.status, 204)
        t.ok(await isVideo(path), 'the last bytes make the video')
        t.ok(stored(path).equals(Buffer.concat([FIRST, SECOND])))
      })
    }

    await t.test(`a wrong sum with the last bytes makes no video, by ${way}`, async t => {
      const path = await begun()
      const { status } = await send(path, FIRST.length, SECOND, checksum('sha256', FIRST))
      t.equal(status, 460)
      await unchanged(path)
      t.equal((await tus.patch(path, FIRST.length, SECOND)).status, 204, 'the bytes again, without a sum')
      t.ok(await isVideo(path))
    })

    await t.test(`an algorithm there is not, or a malformed value: 400, by ${way}`, async t => {
      const path = await begun()
      const good = checksum('sha1', SECOND)
      for (const sum of [
        'sha3 AAAA',
        'SHA1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=',
        'constructor AAAA',
        'sha1',
        'AAAA',
        `sha1  ${good.slice(5)}`,
        `sha1,${good.slice(5)}`,
        `${good} ${good}`,
        'sha1 %%%%',
      ]) {
        t.equal((await send(path, FIRST.length, SECOND, sum)).status, 400, sum)
        await unchanged(path)
      }
    })

    await t.test(`a sum of another length than the algorithm's is a mismatch, by ${way}`, async t => {
      const path = await begun()
      for (const sum of ['sha1 AAAA', 'sha256 Kq5sNclPz7QV2+lfQIuc6R7oRu0=', 'crc32 AAAAAAA=']) {
        t.equal((await send(path, FIRST.length, SECOND, sum)).status, 460, sum)
        await unchanged(path)
      }
    })

    await t.test(`nothing at all, and its sum, by ${way}`, async t => {
      const path = await begun()
      const nothing = Buffer.alloc(0)
      t.equal((await send(path, FIRST.length, nothing, checksum('sha1', nothing))).status, 204)
      t.equal((await send(path, FIRST.length, nothing, checksum('sha1', FIRST))).status, 460)
      await unchanged(path)
    })
  }

  await t.test('a trailer that was announced and does not come', async t => {
    const path = await begun()
    const { outgoing, answer } = tus.openPatch(path, FIRST.length, { trailer: 'Upload-Checksum' })
    outgoing.end(SECOND)
    t.equal((await answer).status, 460)
    await unchanged(path)
  })

  await t.test('with the wrong offset it is a conflict, with too many bytes too large', async t => {
    const path = await begun()
    const sum = { 'upload-checksum': checksum('sha1', SECOND) }
    t.equal((await tus.patch(path, 0, SECOND, sum)).status, 409)
    await unchanged(path)
    const { outgoing, answer } = tus.openPatch(path, FIRST.length, sum)
    outgoing.end(Buffer.concat([SECOND, SECOND]))
    t.equal((await answer).status, 413)
    await unchanged(path)
  })

  await t.test('several megabytes of which one bit is wrong', async t => {
    const bytes = randomBytes(5 * MIB)
    const path = await begun(FIRST.length + bytes.length)
    const broken = Buffer.from(bytes)
    broken[3 * MIB]! ^= 1
    const sum = checksum('crc32', bytes)
    for (const send of Object.values(ways)) {
      t.equal((await send(path, FIRST.length, broken, sum)).status, 460)
      await unchanged(path)
    }
    t.equal((await tus.patch(path, FIRST.length, bytes, { 'upload-checksum': sum })).status, 204)
    t.ok(stored(path).equals(Buffer.concat([FIRST, bytes])))
  })

  const whole = randomBytes(8 * MIB)
  const half = whole.subarray(MIB, 5 * MIB)
  /** A checked body of which half is under way, and some of it in the file. */
  const underWay = async (sum: string | undefined) => {
    const path = await begun(whole.length, whole.subarray(0, MIB))
    const { outgoing, answer } = tus.openPatch(path, MIB, {
      'content-length': 7 * MIB,
      'upload-checksum': sum,
    })
    outgoing.write(half)
    await until(() => sizeOf(path) >= 3 * MIB)
    return { path, outgoing, answer }
  }

  for (const [what, sum] of [
    ['the whole', checksum('sha256', whole.subarray(MIB))],
    ['the half that arrived', checksum('sha256', half)],
  ] as const) {
    await t.test(
      `a body that is broken off leaves nothing, though it came with the sum of ${what}`,
      async t => {
        const { path, outgoing } = await underWay(sum)
        t.equal(await tus.offset(path), MIB, 'what is not verified does not count')
        outgoing.destroy()
        await until(() => sizeOf(path) === MIB)
        await unchanged(path, whole.subarray(0, MIB))
      },
    )
  }

  await t.test('a body that another takes over from leaves nothing', async t => {
    const { path, outgoing } = await underWay(checksum('sha256', whole.subarray(MIB)))
    const rest = whole.subarray(MIB)
    t.equal((await tus.patch(path, MIB, rest)).status, 204)
    t.ok(stored(path).equals(whole))
    t.ok(await isVideo(path))
    outgoing.destroy()
  })

  await t.test('the server is killed in the middle of a checked body', async t => {
    const { path, outgoing } = await underWay(checksum('sha256', whole.subarray(MIB)))
    outgoing.on('error', () => {})
    await server.service.kill()
    t.ok(sizeOf(path) > MIB, 'bytes that nobody has verified are in the file')
    await server.startAgain()
    t.equal(await tus.offset(path), MIB, 'they are nothing')
    t.notOk(await isVideo(path))
    const sum = { 'upload-checksum': checksum('sha256', whole.subarray(MIB)) }
    t.equal((await tus.patch(path, MIB, whole.subarray(MIB), sum)).status, 204)
    const source = await (await fetch(`${server.service.url}/videos/${uploadId(path)}/source`)).bytes()
    t.equal(sha256(source), sha256(whole))
  })

  await t.test('all its bytes are there when the server is killed, and not verified: no video', async t => {
    const { path, outgoing } = await underWay(checksum('sha256', whole.subarray(MIB)))
    outgoing.on('error', () => {})
    await server.service.kill()
    // As if it had come to the end of the body, and no further.
    appendFileSync(file(path), whole.subarray(sizeOf(path)))
    t.equal(sizeOf(path), whole.length)
    await server.startAgain()
    t.equal(await tus.offset(path), MIB, 'they are nothing')
    t.notOk(await isVideo(path))
  })

  await t.test('Creation With Upload: a sum holds for the bytes that come with it', async t => {
    const octets = { 'upload-length': LENGTH, 'content-type': 'application/offset+octet-stream' }
    const good = { ...octets, 'upload-checksum': checksum('sha1', FIRST) }
    const { status, headers } = await tus.send('POST', '/uploads', good, FIRST)
    t.equal(status, 201)
    t.equal(headers['upload-offset'], `${FIRST.length}`)
    const bad = { ...octets, 'upload-checksum': checksum('sha1', SECOND) }
    t.equal((await tus.send('POST', '/uploads', bad, FIRST)).status, 460)
  })
}
