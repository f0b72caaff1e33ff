import assert from 'node:assert/strict'
import { createCipheriv, createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { DraftWire } from './draft-wire.ts'
import { uploadId } from './tus-upload.ts'
import { OCTETS, type TusWire } from './tus-wire.ts'
import { until } from './until.ts'

/** What the protocols say that there is of one upload. Its offset is the length of `bytes`. */
export interface ModelUpload {
  readonly path: string
  length: number | undefined
  bytes: Buffer
  deleted: boolean
}

/** The server beside the model. */
export interface RealServer {
  readonly origin: string
  readonly dataDir: string
  readonly tus: TusWire
  readonly draft: DraftWire
  /** Kills the process and starts it again. */
  crash(): Promise<void>
}

/** What a command is made with; each reads of it what it needs. */
export interface Choice {
  /** The upload, counted from the newest. */
  readonly which: number
  /** Bytes of a body; undefined for all that there is room for. */
  readonly size: number | undefined
  readonly seed: number
  readonly flag: boolean
}

export type Command = (real: RealServer, upload: ModelUpload, choice: Choice) => Promise<void>

const WITHOUT_LIMIT = 5000

export const isFinished = ({ length, bytes }: ModelUpload) => length === bytes.length

/** A body that is the same for the same choice, and like no other. */
function bodyOf({ size, seed }: Choice, room = WITHOUT_LIMIT): Buffer {
  const key = createHash('md5').update(String(seed)).digest()
  return createCipheriv('aes-128-ctr', key, Buffer.alloc(16)).update(
    Buffer.alloc(Math.min(size ?? room, room)),
  )
}

const roomOf = ({ length, bytes }: ModelUpload) =>
  length === undefined ? WITHOUT_LIMIT : length - bytes.length
const sum = (bytes: Uint8Array | string) => `sha1 ${createHash('sha1').update(bytes).digest('base64')}`
/** What a request that writes is answered: gone, a conflict, or what is given. */
const answerTo = (upload: ModelUpload, offset: number, status: number) =>
  upload.deleted ? 404 : offset !== upload.bytes.length ? 409 : status

function grow(upload: ModelUpload, status: number, body: Uint8Array): void {
  if (status < 300) upload.bytes = Buffer.concat([upload.bytes, body])
}

/** A new upload, over either protocol. */
export async function createUpload(real: RealServer, choice: Choice): Promise<ModelUpload> {
  const { size, seed, flag } = choice
  const length = seed % 3 === 0 ? undefined : seed % 2 === 0 ? size : (size ?? 0) + (seed % 5000)
  const body = seed % 5 < 2 ? Buffer.alloc(0) : bodyOf({ ...choice, size: size && size >> 1 }, length)
  const sized = length === undefined ? {} : { 'upload-length': length }
  const type = body.length > 0 && { 'content-type': OCTETS }
  const answer = flag
    ? await real.draft.post(false, body, sized)
    : await real.tus.send(
        'POST',
        '/uploads',
        { ...(length === undefined && { 'upload-defer-length': 1 }), ...sized, ...type },
        body,
      )
  assert.equal(answer.status, 201, 'create')
  return { path: answer.headers.location!, length, bytes: body, deleted: false }
}

/** Each does one thing to the server and to the model, and throws where the two do not agree. */
export const COMMANDS: Readonly<Record<string, Command>> = {
  async patch({ tus }, upload, choice) {
    const body = bodyOf(choice, roomOf(upload))
    const headers = choice.flag ? { 'upload-checksum': sum(body) } : {}
    const { status } = await tus.patch(upload.path, upload.bytes.length, body, headers)
    assert.equal(status, answerTo(upload, upload.bytes.length, 204))
    grow(upload, status, body)
  },

  async patchElsewhere({ tus, draft }, upload, { size, flag }) {
    const offset = (size ?? 0) % (upload.bytes.length + 3)
    if (offset === upload.bytes.length) return
    const answer = flag
      ? await draft.append(upload.path, offset, false)
      : await tus.patch(upload.path, offset, '')
    assert.equal(answer.status, answerTo(upload, offset, 204))
    if (!upload.deleted) assert.equal(answer.headers['upload-offset'], String(upload.bytes.length))
  },

  async patchTooMuch({ tus }, upload, { seed }) {
    if (upload.length === undefined) return
    const body = bodyOf({ seed, size: undefined, which: 0, flag: false }, roomOf(upload) + 1)
    const { status } = await tus.patch(upload.path, upload.bytes.length, body)
    assert.equal(status, answerTo(upload, upload.bytes.length, 413))
  },

  async patchBrokenOff(real, upload, choice) {
    if (upload.deleted || isFinished(upload)) return
    // More is announced than comes.
    const body = bodyOf(choice, roomOf(upload) - 1)
    const headers = { 'content-length': body.length + 1 }
    const { outgoing } = real.tus.openPatch(upload.path, upload.bytes.length, headers)
    await new Promise<void>(resolve => outgoing.write(body, () => resolve()))
    outgoing.destroy()
    await adopt(real, upload, body)
  },

  /** An offset that was told is a promise, also while another request writes. */
  async takeOver(real, upload, choice) {
    if (upload.deleted || isFinished(upload)) return
    const { tus, draft } = real
    const body = bodyOf(choice, roomOf(upload) - 1)
    const before = upload.bytes
    const writer = tus.openPatch(upload.path, before.length, { 'content-length': body.length + 1 })
    writer.outgoing.on('error', () => {})
    await new Promise<void>(resolve => writer.outgoing.write(body, () => resolve()))
    const told = await (choice.flag ? draft : tus).offset(upload.path)
    assert.ok(told >= before.length && told <= before.length + body.length, `offset ${told}`)
    upload.bytes = Buffer.concat([before, body]).subarray(0, told)
    const rest = bodyOf({ ...choice, seed: choice.seed + 1 }, roomOf(upload))
    const { status } = await tus.patch(upload.path, told, rest)
    assert.equal(status, 204, 'what was told is accepted')
    grow(upload, status, rest)
    writer.outgoing.destroy()
    await writer.answer.catch(() => {})
  },

  async patchWithWrongChecksum({ tus }, upload, choice) {
    const headers = { 'upload-checksum': sum('another') }
    const body = bodyOf(choice, roomOf(upload))
    const { status } = await tus.patch(upload.path, upload.bytes.length, body, headers)
    assert.equal(status, answerTo(upload, upload.bytes.length, 460))
  },

  async declareLength({ tus }, upload, { size = 0 }) {
    const length = Math.max(0, upload.bytes.length + size - 100)
    const { status } = await tus.patch(upload.path, upload.bytes.length, '', { 'upload-length': length })
    const fits = (upload.length ?? length) === length && length >= upload.bytes.length
    assert.equal(status, answerTo(upload, upload.bytes.length, fits ? 204 : 400))
    if (status === 204) upload.length = length
  },

  async append({ draft }, upload, choice) {
    const body = bodyOf(choice, roomOf(upload))
    const offset = upload.bytes.length
    const { flag: complete } = choice
    const isWhole = complete
      ? upload.length === undefined || upload.length === offset + body.length
      : upload.length === offset + body.length
    const fits = isFinished(upload) ? complete && body.length === 0 : !complete || isWhole
    const { status, headers } = await draft.append(upload.path, offset, complete, body)
    assert.equal(status, answerTo(upload, offset, !fits ? 400 : isWhole ? 200 : 204))
    if (status < 300) assert.equal(headers['upload-complete'], isWhole ? '?1' : '?0')
    grow(upload, status, body)
    if (status === 200) upload.length = upload.bytes.length
  },

  async delete({ tus, draft }, upload, { seed, flag }) {
    if (seed % 3 > 0) return
    const { status } = await (flag ? draft : tus).send('DELETE', upload.path)
    assert.equal(status, upload.deleted ? 404 : 204)
    if (status === 204) upload.deleted = true
  },
}

/** As `COMMANDS`, but they take a second each. */
export const CRASHES: Readonly<Record<string, Command>> = {
  async crash(real) {
    await real.crash()
  },

  async crashInPatch(real, upload, choice) {
    if (upload.deleted || isFinished(upload)) return
    const body = bodyOf(choice, roomOf(upload))
    const headers = choice.flag ? { 'upload-checksum': sum(body) } : {}
    const before = upload.bytes.length
    const { outgoing, answer } = real.tus.openPatch(upload.path, before, headers)
    outgoing.on('error', () => {}).end(body)
    await real.crash()
    await answer.catch(() => {})
    await adopt(real, upload, body)
    if (choice.flag) assert.ok([0, body.length].includes(upload.bytes.length - before), 'all or nothing')
  },
}

/** Of a body whose end nobody was told of any beginning may be there. */
async function adopt({ tus }: RealServer, upload: ModelUpload, body: Buffer): Promise<void> {
  const known = upload.bytes
  // Who still writes is asked to let go by an empty PATCH: what follows is settled.
  const { at } = await until(async () => {
    const at = await tus.offset(upload.path)
    const { status } = await tus.patch(upload.path, at, '')
    return status === 204 && { at }
  })
  assert.ok(at >= known.length && at <= known.length + body.length, `offset ${at}, ${known.length} before`)
  upload.bytes = Buffer.concat([known, body]).subarray(0, at)
}

/** Holds all that can be seen of an upload against the model. */
export async function compare(
  { origin, dataDir, tus, draft }: RealServer,
  upload: ModelUpload,
): Promise<void> {
  const { path, bytes, length, deleted } = upload
  const [{ status, headers }, other, video] = await Promise.all([
    tus.head(path),
    draft.head(path),
    fetch(`${origin}/videos/${uploadId(path)}/source`),
  ])
  assert.deepEqual([status, other.status], deleted ? [404, 404] : [200, 204])
  assert.equal(video.status, !deleted && isFinished(upload) ? 200 : 404, 'video')
  if (deleted) return
  for (const said of [headers, other.headers]) {
    assert.equal(said['upload-offset'], String(bytes.length))
    assert.equal(said['upload-length'], length?.toString())
  }
  assert.equal(headers['upload-defer-length'], length === undefined ? '1' : undefined)
  assert.equal(other.headers['upload-complete'], isFinished(upload) ? '?1' : '?0')
  // Bytes of which nobody was told may stand behind those that count.
  assert.ok(bytes.equals(readFileSync(join(dataDir, path)).subarray(0, bytes.length)), 'bytes')
  if (video.ok) assert.ok(bytes.equals(await video.bytes()), 'source')
}
