import type { ChaosClient, Sent } from './client.ts'
import type { Random } from './random.ts'
import { realTus } from './real-tus.ts'
import { UploadModel } from './upload-model.ts'

export interface Job {
  readonly client: ChaosClient
  readonly random: Random
  /** Unique for the upload. */
  readonly name: string
  readonly bytes: Buffer
  readonly chunkBytes: number
}

/** Uploads the bytes of a job, whatever happens. @returns the id of the video. @throws Error if the service breaks the protocol. */
export type Upload = (job: Job) => Promise<string>

const TUS = { 'tus-resumable': '1.0.0' }
const OCTETS = { 'content-type': 'application/offset+octet-stream' }
const CREATION = { method: 'POST', path: '/uploads' }
const DRAFT = { 'upload-draft-interop-version': 8 }

export const UPLOADS: Readonly<Record<string, Upload>> = {
  tus: job => tus(job, { 'upload-length': job.bytes.length }),
  'tus with the first bytes': async job => {
    const first = job.bytes.subarray(0, job.chunkBytes)
    return tus(job, { 'upload-length': job.bytes.length, ...OCTETS }, first)
  },
  'tus in parallel': async job => {
    const half = job.bytes.length >> 1
    const halves = [job.bytes.subarray(0, half), job.bytes.subarray(half)]
    const parts = await Promise.all(
      halves.map((bytes, part) =>
        tus(
          { ...job, bytes, name: `${job.name}-${part}` },
          { 'upload-length': bytes.length, 'upload-concat': 'partial' },
        ),
      ),
    )
    const concat = `final;${parts.map(id => `/uploads/${id}`).join(' ')}`
    const headers = { ...TUS, 'upload-concat': concat }
    return idOf(await job.client.insist({ ...CREATION, headers: { ...headers, ...key(job) } }, 201))
  },
  ietf: async job => {
    const { client, bytes } = job
    const headers = { ...DRAFT, 'upload-complete': '?0', 'upload-length': bytes.length, ...key(job) }
    const id = idOf(await client.insist({ ...CREATION, headers }, 201))
    await sendRest(job, new UploadModel(), {
      path: `/uploads/${id}`,
      head: { headers: DRAFT, status: 204 },
      patch: (from, end) => ({
        ...DRAFT,
        'upload-complete': end === bytes.length ? '?1' : '?0',
        'upload-offset': from,
        'content-type': 'application/partial-upload',
      }),
    })
    return id
  },
  form: async job => {
    const body = Buffer.concat([
      Buffer.from('--b\r\nContent-Disposition: form-data; name="video"; filename="a"\r\n\r\n'),
      job.bytes,
      Buffer.from('\r\n--b--\r\n'),
    ])
    const headers = { 'content-type': 'multipart/form-data; boundary=b', ...key(job) }
    const answer = await job.client.insist({ method: 'POST', path: '/videos', headers, body }, 201)
    return (JSON.parse(answer.text) as { id: string }).id
  },
  'tus-js-client': job => realTus(job, 1),
  'tus-js-client in parallel': job => realTus(job, 2),
}

/** A recording whose chunks are sent as a recorder sends them. */
export async function recording(job: Job): Promise<string> {
  const { client, bytes, chunkBytes } = job
  const answer = await client.insist(
    {
      method: 'POST',
      path: '/recordings',
      headers: { 'content-type': 'application/json', ...key(job) },
      body: Buffer.from(JSON.stringify({ title: job.name })),
    },
    201,
  )
  const { id } = JSON.parse(answer.text) as { id: string }
  const chunks: Sent[] = []
  for (let at = 0; at < bytes.length; at += chunkBytes)
    chunks.push({
      method: 'PUT',
      path: `/recordings/${id}/chunks/${chunks.length}`,
      body: bytes.subarray(at, at + chunkBytes),
    })
  // Two at a time.
  for (let at = 0; at < chunks.length; at += 2)
    await Promise.all(chunks.slice(at, at + 2).map(chunk => client.insist(chunk, 200, 201)))
  const path = `/recordings/${id}/finalize`
  const body = Buffer.from(JSON.stringify({ chunks: chunks.length }))
  await client.insist(
    { method: 'POST', path, headers: { 'content-type': 'application/json' }, body },
    200,
    201,
  )
  return id
}

async function tus(job: Job, headers: Headers, first?: Buffer): Promise<string> {
  const { client } = job
  const model = new UploadModel()
  const attempt = { from: 0, to: first?.length ?? 0 }
  model.begin(attempt)
  const created = await client.insist(
    {
      ...CREATION,
      headers: { ...TUS, ...headers, ...key(job) },
      ...(first && { body: first }),
    },
    201,
  )
  const id = idOf(created)
  await sendRest(job, model, {
    path: `/uploads/${id}`,
    head: { headers: TUS, status: 200 },
    patch: from => ({ ...TUS, ...OCTETS, 'upload-offset': from }),
  })
  return id
}

type Headers = Readonly<Record<string, string | number>>

/** The requests of a protocol for one upload. */
interface Protocol {
  readonly path: string
  readonly head: { readonly headers: Headers; readonly status: number }
  /** @returns headers for the bytes from one offset to another. */
  patch(from: number, end: number): Headers
}

/** Asks for the offset, and sends chunks until all bytes are acknowledged. */
async function sendRest(job: Job, model: UploadModel, { path, head, patch }: Protocol): Promise<void> {
  const { client, bytes, chunkBytes } = job
  const ask = async () => {
    const answer = await client.insist({ method: 'HEAD', path, headers: head.headers }, head.status)
    return Number(answer.headers['upload-offset'])
  }
  model.acknowledge(await ask())
  while (model.acknowledged < bytes.length) {
    const from = model.acknowledged
    const body = bytes.subarray(from, from + chunkBytes)
    const attempt = { from, to: from + body.length }
    model.begin(attempt)
    const answer = await client.try({
      method: 'PATCH',
      path,
      headers: patch(from, attempt.to),
      body,
      onAnswer: () => model.end(attempt),
    })
    if (answer && answer.status < 300) {
      model.acknowledge(Number(answer.headers['upload-offset'] ?? attempt.to))
      continue
    }
    if (answer && answer.status !== 409) throw new Error(`PATCH: ${answer.status} ${answer.text}`)
    const offset = await ask()
    if (answer) {
      client.countConflict('own')
      model.explainConflict(from, offset)
    }
    model.acknowledge(offset)
  }
}

/** A repeated creation is the same upload. */
function key({ name }: Job): Record<string, string> {
  return { 'idempotency-key': name }
}

function idOf({ headers }: { readonly headers: { readonly location?: string | undefined } }): string {
  return headers.location!.split('/').at(-1)!
}
