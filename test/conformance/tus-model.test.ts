import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { flavours } from '../support/flavours.ts'
import { freePort } from '../support/free-port.ts'
import { startService } from '../support/service.ts'
import { uploadId } from '../support/tus-upload.ts'
import { OCTETS, TusWire } from '../support/tus-wire.ts'
import { until } from '../support/until.ts'

// An upload as a few lines of memory, and the server beside it: random commands go to both, and both have to say the same.
// SEED repeats a run, COMMANDS makes it longer.

const SEED = Number(process.env['SEED'] ?? Date.now() % 2 ** 31)
const COMMANDS = Number(process.env['COMMANDS'] ?? 60)
/** One command in so many is a crash, in turns between commands and in the middle of one: they take longest. */
const CRASH_EVERY = 30
const UPLOADS = 4

/** What the protocol says that there is. `offset` is the length of `bytes`. */
interface Model {
  readonly path: string
  length: number | undefined
  bytes: Buffer
  deleted: boolean
}

/** mulberry32: numbers from 0 up to 1, the same for the same seed. */
function generator(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

await flavours(t, async (t, { env }) => {
  t.comment(`SEED=${SEED}`)
  const random = generator(SEED)
  const below = (end: number) => Math.floor(random() * end)
  const bytesOf = (size: number) => Buffer.from(Array.from({ length: size }, () => below(256)))
  const settings = { ...env, PORT: String(await freePort()) }
  let service = await startService({ env: settings })
  t.teardown(() => service.kill())
  const tus = new TusWire(() => service.url)
  const models: Model[] = []
  const done: string[] = []

  const isFinished = ({ length, bytes }: Model) => length === bytes.length
  const piece = (model: Model) => {
    const room = model.length === undefined ? 5000 : model.length - model.bytes.length
    return bytesOf(below(3) === 0 ? room : below(Math.min(room, 5000) + 1))
  }
  const sum = (bytes: Uint8Array) => `sha1 ${createHash('sha1').update(bytes).digest('base64')}`
  const problem = (what: string, expected: unknown, actual: unknown) => {
    if (expected === actual) return
    throw new Error(`${what}: ${actual}, not ${expected}\nSEED=${SEED}\n${done.join('\n')}`)
  }
  /** What a writing request is answered: gone, a conflict, or what is given. */
  const refusal = (model: Model, offset: number) =>
    model.deleted ? 404 : offset !== model.bytes.length ? 409 : undefined

  const commands: Record<string, (model: Model) => Promise<void>> = {
    async patch(model) {
      const body = piece(model)
      const { status } = await tus.patch(model.path, model.bytes.length, body)
      problem('patch', refusal(model, model.bytes.length) ?? 204, status)
      if (status === 204) model.bytes = Buffer.concat([model.bytes, body])
    },
    async 'patch at another offset'(model) {
      const offset = below(model.bytes.length + 3)
      const { status } = await tus.patch(model.path, offset, '')
      problem(`patch at ${offset}`, refusal(model, offset) ?? 204, status)
    },
    async 'patch of too much'(model) {
      if (model.length === undefined) return
      const body = bytesOf(model.length - model.bytes.length + 1)
      const { status } = await tus.patch(model.path, model.bytes.length, body)
      problem('patch of too much', refusal(model, model.bytes.length) ?? 413, status)
    },
    async 'patch broken off'(model) {
      if (model.deleted || isFinished(model)) return
      const body = piece(model)
      // More is announced than comes.
      const size = body.length + 1
      if (model.length !== undefined && model.bytes.length + size > model.length) return
      const { outgoing } = tus.openPatch(model.path, model.bytes.length, { 'content-length': size })
      await new Promise<void>(resolve => outgoing.write(body, () => resolve()))
      outgoing.destroy()
      await adopt(model, body)
    },
    async 'patch with a checksum'(model) {
      const body = piece(model)
      const headers = { 'upload-checksum': sum(body) }
      const { status } = await tus.patch(model.path, model.bytes.length, body, headers)
      problem('checksum', refusal(model, model.bytes.length) ?? 204, status)
      if (status === 204) model.bytes = Buffer.concat([model.bytes, body])
    },
    async 'patch with a wrong checksum'(model) {
      const headers = { 'upload-checksum': sum(Buffer.from('another')) }
      const { status } = await tus.patch(model.path, model.bytes.length, piece(model), headers)
      problem('wrong checksum', refusal(model, model.bytes.length) ?? 460, status)
    },
    async 'declare the length'(model) {
      const length = Math.max(0, model.bytes.length + below(5000) - 100)
      const { status } = await tus.patch(model.path, model.bytes.length, '', { 'upload-length': length })
      const known = model.length !== undefined && model.length !== length
      const expected = refusal(model, model.bytes.length)
      problem(`length ${length}`, expected ?? (known || length < model.bytes.length ? 400 : 204), status)
      if (status === 204) model.length = length
    },
    async delete(model) {
      if (below(3) > 0) return
      const { status } = await tus.send('DELETE', model.path)
      problem('delete', true, status === (model.deleted ? 404 : isFinished(model) ? 400 : 204))
      if (status === 204) model.deleted = true
    },
    async head(model) {
      await check(model)
    },
  }

  const crashes: Record<string, (model: Model) => Promise<void>> = {
    async crash(model) {
      await service.kill()
      service = await startService({ env: { ...settings, DATA_DIR: service.dataDir } })
      await check(model)
    },
    async 'crash in the middle of a patch'() {
      const model = await create()
      models.push(model)
      const body = piece(model)
      const checked = below(2) === 0 && { 'upload-checksum': sum(body) }
      const { outgoing, answer } = tus.openPatch(model.path, model.bytes.length, checked || {})
      outgoing.on('error', () => {}).end(body)
      const before = model.bytes.length
      await service.kill()
      service = await startService({ env: { ...settings, DATA_DIR: service.dataDir } })
      await answer.catch(() => {})
      await adopt(model, body)
      if (checked) problem('all or nothing', true, [0, body.length].includes(model.bytes.length - before))
    },
  }

  /** Of a body whose end nobody was told of any beginning may be there. */
  async function adopt(model: Model, body: Buffer): Promise<void> {
    const known = model.bytes
    // Who still writes is asked to let go by an empty PATCH: what follows is settled.
    const offset = await until(async () => {
      const at = await tus.offset(model.path)
      const { status } = await tus.patch(model.path, at, '')
      return status === 204 && { at }
    })
    problem('offset not before', true, offset.at >= known.length && offset.at <= known.length + body.length)
    model.bytes = Buffer.concat([known, body]).subarray(0, offset.at)
  }

  async function check(model: Model): Promise<void> {
    const { status, headers } = await tus.head(model.path)
    problem('status', model.deleted ? 404 : 200, status)
    const video = await fetch(`${service.url}/videos/${uploadId(model.path)}/source`)
    problem('video', !model.deleted && isFinished(model) ? 200 : 404, video.status)
    if (model.deleted) return
    problem('offset', String(model.bytes.length), headers['upload-offset'])
    problem('length', model.length?.toString(), headers['upload-length'])
    problem('deferred', model.length === undefined ? '1' : undefined, headers['upload-defer-length'])
    problem('bytes', true, model.bytes.equals(readFileSync(join(service.dataDir, model.path))))
    if (video.ok) problem('source', true, model.bytes.equals(await video.bytes()))
  }

  async function create(): Promise<Model> {
    const length = below(3) === 0 ? undefined : below(10_000)
    const bytes = below(2) === 0 ? bytesOf(below((length ?? 5000) + 1)) : undefined
    const size = length === undefined ? { 'upload-defer-length': 1 } : { 'upload-length': length }
    const type = bytes && { 'content-type': OCTETS }
    const { status, headers } = await tus.send('POST', '/uploads', { ...size, ...type }, bytes)
    problem('create', 201, status)
    return { path: headers.location!, length, bytes: bytes ?? Buffer.alloc(0), deleted: false }
  }

  let crashed = 0
  for (let step = 1; step <= COMMANDS; step++) {
    while (models.length < UPLOADS || below(12) === 0) {
      const model = await create()
      models.push(model)
      done.push(`create ${model.path} ${model.length} ${model.bytes.length}`)
    }
    const model = models[models.length - 1 - below(UPLOADS)]!
    const isCrash = step % CRASH_EVERY === 0
    const names = Object.keys(isCrash ? crashes : commands)
    const name = names[isCrash ? crashed++ % names.length : below(names.length)]!
    done.push(`${name} ${model.path} ${model.bytes.length}/${model.length}`)
    await (isCrash ? crashes : commands)[name]!(model)
  }
  for (const model of models) await check(model)
  t.ok(crashed > 1, `${COMMANDS} commands on ${models.length} uploads, ${crashed} crashes`)
})
