import type { FastifyRequest } from 'fastify'
import { ApiError } from '../../../base/errors.ts'
import { sha256Stream } from '../../../base/hash.ts'
import { announcedBytes } from '../../../uploads/core/request-body.ts'
import { atMost, exactly } from '../../../uploads/core/space-reservations.ts'
import type { ChunkBody, ReceivedChunk } from '../../../uploads/recordings/receive-chunk.ts'
import { findChunk } from '../../../uploads/recordings/recording-rows.ts'
import { MAX_CHUNKS, missingNumbers } from '../../../uploads/recordings/recording-rules.ts'
import type { Turn, Turns } from '../../../uploads/recordings/turns.ts'
import type { Form, FormFile } from './form-file.ts'
import { type OldApiDeps, resolveId } from './old-api.ts'
import { type Spool, spool } from './spool.ts'

/** A client that has sent this many chunks without number 0 counts from 1. */
const CHUNKS_BEFORE_GUESS_COUNT = 64

/** The bytes of a chunk: new, already received, or received after the recording was closed. */
type Bytes =
  | { readonly kind: 'received'; readonly chunk: ReceivedChunk }
  | { readonly kind: 'known' }
  | { readonly kind: 'late'; readonly sha256: string; readonly size: number }

/** The chunk in a request of the old recorder. The caller must call `end`. */
export class IncomingChunk {
  readonly #deps: OldApiDeps
  readonly #request: FastifyRequest
  readonly #turns: Turns
  #turn: Promise<Turn> | undefined
  #spool: Spool | undefined
  #bytes: Bytes | undefined

  constructor(deps: OldApiDeps, request: FastifyRequest, turns: Turns) {
    this.#deps = deps
    this.#request = request
    this.#turns = turns
  }

  /** Whether the request contains a chunk. */
  get hasBytes(): boolean {
    return this.#bytes !== undefined || this.#spool !== undefined
  }

  /** Stores the bytes durably while they arrive. @throws ApiError 400, 404, 409, 410, 413, 507 */
  async receive(file: FormFile): Promise<void> {
    if (this.hasBytes)
      throw new ApiError(400, 'invalid_request', 'A request can contain only one video_chunk.', 'video_chunk')
    // The field that names the recording may follow the chunk.
    if (file.form['session_id'] === undefined) this.#spool = await spool(file.bytes)
    else {
      const { id } = await this.#takeTurn(file.form)
      this.#bytes = await this.#store(id, file.bytes, numberOf(file.form))
    }
  }

  /**
   * Adds the chunk to its recording after the chunks of earlier requests, and closes the recording if `isFinal` is set.
   * @returns the id of the recording. @throws ApiError 400, 404, 409, 410, 413, 423, 507
   */
  async enter(form: Readonly<Form>, { isFinal }: { isFinal: boolean }): Promise<string> {
    const { recordings } = this.#deps
    const number = numberOf(form)
    const turn = await this.#takeTurn(form)
    const { id } = turn
    if (this.#spool) this.#bytes = await this.#store(id, this.#spool.bytes, number)
    await turn.come()
    const bytes = this.#bytes
    if (bytes?.kind === 'late') {
      if (!isFinal || !(await this.#isLast(id, bytes))) await recordings.expect(id, 'next')
      return id
    }
    if (bytes?.kind === 'received') {
      this.#bytes = undefined
      // An empty chunk without a number is ignored.
      if (bytes.chunk.size === 0 && number === undefined) await recordings.drop(bytes.chunk)
      else {
        if (number !== undefined && number >= CHUNKS_BEFORE_GUESS_COUNT) await this.#fillZero(id)
        await recordings.enter(id, number ?? 'next', bytes.chunk, { claim: trx => turn.require(trx) })
      }
    }
    if (isFinal) {
      await this.#fillZero(id)
      await recordings.finalize(id, { allowGaps: false })
    }
    return id
  }

  /** Lets the next request run, and removes bytes that did not become part of the recording. */
  async end(): Promise<void> {
    const turn = await this.#turn?.catch(() => undefined)
    await turn?.end()
    await this.#spool?.close()
    if (this.#bytes?.kind === 'received') await this.#deps.recordings.drop(this.#bytes.chunk)
  }

  /** The turn of this request. Later requests wait from the first call on. @throws ApiError 400, 404, 410 */
  async #takeTurn({ session_id: session }: Readonly<Form>): Promise<Turn> {
    if (!session) throw new ApiError(400, 'invalid_request', 'session_id is required.', 'session_id')
    const { db, recordings } = this.#deps
    this.#turn ??= this.#turns.take(session, async () => {
      const id = await resolveId(db, this.#request, 'recording', session)
      await recordings.state(id)
      return id
    })
    return this.#turn
  }

  async #store(id: string, bytes: AsyncIterable<Buffer>, number: number | undefined): Promise<Bytes> {
    const { recordings } = this.#deps
    const { recording } = await recordings.state(id)
    if (recording.closed_at) return { kind: 'late', ...(await hashOf(bytes)) }
    const chunk: ChunkBody = { bytes, verify: () => {} }
    const announced = atMost(announcedBytes(this.#request.raw))
    // A chunk without a number gets its number in `enter`.
    const expected = await recordings.expect(id, number ?? 'next', announced)
    if (!expected.known)
      return { kind: 'received', chunk: await recordings.receive(id, chunk, expected.reservation) }
    await recordings.compare(expected.known, chunk)
    return { kind: 'known' }
  }

  /** Whether the request repeats the last chunk of a closed recording, because the client did not get the first response. */
  async #isLast(id: string, { sha256, size }: { sha256: string; size: number }): Promise<boolean> {
    if (size === 0) return true
    const { recording } = await this.#deps.recordings.state(id)
    const last = await findChunk(this.#deps.db, id, recording.next - 1)
    return last?.sha256 === sha256
  }

  /** Adds an empty chunk 0 if it is the only missing chunk, because the client counts from 1. */
  async #fillZero(id: string): Promise<void> {
    const { recordings } = this.#deps
    const state = await recordings.state(id)
    const countsFromOne =
      state.recording.next === 0 &&
      state.waiting.length > 0 &&
      missingNumbers(state, state.waiting[0]!.number).length === 1
    if (!countsFromOne) return
    const chunk: ChunkBody = { bytes: noBytes(), verify: () => {} }
    await recordings.enter(
      id,
      0,
      await recordings.receive(id, chunk, await recordings.reserve(id, exactly(0))),
    )
  }
}

/** @throws ApiError 400 */
function numberOf({ chunk_number: value }: Readonly<Form>): number | undefined {
  if (value === undefined || value === '') return undefined
  if (/^\d{1,9}$/.test(value) && Number(value) < MAX_CHUNKS) return Number(value)
  throw new ApiError(
    400,
    'invalid_request',
    `chunk_number must be a whole number from 0 to ${MAX_CHUNKS - 1}.`,
    'chunk_number',
  )
}

async function hashOf(bytes: AsyncIterable<Buffer>): Promise<{ sha256: string; size: number }> {
  const hash = sha256Stream()
  let size = 0
  for await (const chunk of bytes) {
    hash.update(chunk)
    size += chunk.length
  }
  return { sha256: hash.digest('hex'), size }
}

async function* noBytes(): AsyncGenerator<Buffer> {}
