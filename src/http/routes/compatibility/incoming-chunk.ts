import { createHash } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import { ApiError } from '../../../base/errors.ts'
import { announcedBytes } from '../../../uploads/core/request-body.ts'
import { atMost, exactly } from '../../../uploads/core/room.ts'
import type { ChunkBody, ReceivedChunk } from '../../../uploads/recordings/receive-chunk.ts'
import { findChunk } from '../../../uploads/recordings/recording-rows.ts'
import { MAX_CHUNKS, missingNumbers } from '../../../uploads/recordings/recording-rules.ts'
import type { ArrivalOrder } from './arrival-order.ts'
import type { Form, FormFile } from './form-file.ts'
import { type OldApiParts, resolveId } from './old-api.ts'
import { type Spool, spool } from './spool.ts'

/** A number this high without a chunk 0 means that the client counts from 1. */
const BASE_GUESS_CHARACTERS = 64

/** What came of a chunk's bytes: they are new, or came before, or the recording was closed already. */
type Taken =
  | { readonly kind: 'received'; readonly piece: ReceivedChunk }
  | { readonly kind: 'known' }
  | { readonly kind: 'late'; readonly sha256: string; readonly size: number }

/** The chunk of one request of the old recorder. `end` must be called. */
export class IncomingChunk {
  readonly #parts: OldApiParts
  readonly #request: FastifyRequest
  readonly #order: ArrivalOrder
  #place: ReturnType<ArrivalOrder['enter']> | undefined
  #spool: Spool | undefined
  #taken: Taken | undefined

  constructor(parts: OldApiParts, request: FastifyRequest, order: ArrivalOrder) {
    this.#parts = parts
    this.#request = request
    this.#order = order
  }

  get came(): boolean {
    return this.#taken !== undefined || this.#spool !== undefined
  }

  /** Makes the bytes durable while they arrive. @throws ApiError 400, 404, 409, 410, 413, 507 */
  async receive(file: FormFile): Promise<void> {
    if (this.came)
      throw new ApiError(400, 'invalid_request', 'One request has one video_chunk.', 'video_chunk')
    // The field that says what it belongs to may come behind it.
    if (file.form['session_id'] === undefined) this.#spool = await spool(file.bytes)
    else this.#taken = await this.#take(await this.#session(file.form), file.bytes, numberOf(file.form))
  }

  /**
   * Makes the chunk a part of its recording, behind those that came before, and closes the recording if the request says so.
   * @returns the id of the recording. @throws ApiError 400, 404, 409, 410, 413, 423, 507
   */
  async enter(form: Readonly<Form>, { isFinal }: { isFinal: boolean }): Promise<string> {
    const { recordings } = this.#parts
    const number = numberOf(form)
    const id = await this.#session(form)
    if (this.#spool) this.#taken = await this.#take(id, this.#spool.bytes, number)
    await this.#place?.turn
    const taken = this.#taken
    if (taken?.kind === 'late') {
      if (!isFinal || !(await this.#isLast(id, taken))) await recordings.expect(id, 'next')
      return id
    }
    if (taken?.kind === 'received') {
      this.#taken = undefined
      // An empty chunk says nothing, unless it fills a number.
      if (taken.piece.size === 0 && number === undefined) await recordings.drop(taken.piece)
      else {
        if (number !== undefined && number >= BASE_GUESS_CHARACTERS) await this.#fillZero(id)
        await recordings.enter(id, number ?? 'next', taken.piece)
      }
    }
    if (isFinal) {
      await this.#fillZero(id)
      await recordings.finalize(id, { allowGaps: false })
    }
    return id
  }

  /** Lets the next request go on, and removes what did not become part of the recording. */
  async end(): Promise<void> {
    this.#place?.end()
    await this.#spool?.close()
    if (this.#taken?.kind === 'received') await this.#parts.recordings.drop(this.#taken.piece)
  }

  async #session({ session_id: session }: Readonly<Form>): Promise<string> {
    if (!session) throw new ApiError(400, 'invalid_request', 'session_id is required.', 'session_id')
    this.#place ??= this.#order.enter(session)
    const { db, recordings } = this.#parts
    const id = await resolveId(db, this.#request, 'recording', session)
    await recordings.state(id)
    return id
  }

  async #take(id: string, bytes: AsyncIterable<Buffer>, number: number | undefined): Promise<Taken> {
    const { recordings } = this.#parts
    const { recording } = await recordings.state(id)
    if (recording.closed_at) return { kind: 'late', ...(await hashed(bytes)) }
    const piece: ChunkBody = { bytes, verify: () => {} }
    const announced = atMost(announcedBytes(this.#request.raw))
    const expected = await recordings.expect(id, number ?? 'next', announced)
    if (!expected.known)
      return { kind: 'received', piece: await recordings.receive(id, piece, expected.room) }
    // Without a number it is not known yet which one it gets.
    await recordings.compare(expected.known, piece)
    return { kind: 'known' }
  }

  /** Whether a repeated request brings the last chunk of a closed recording once more: its first answer got lost. */
  async #isLast(id: string, { sha256, size }: { sha256: string; size: number }): Promise<boolean> {
    if (size === 0) return true
    const { recording } = await this.#parts.recordings.state(id)
    const last = await findChunk(this.#parts.db, id, recording.next - 1)
    return last?.sha256 === sha256
  }

  /** Fills number 0 with nothing if it alone is missing in front of the others: the client counts from 1. */
  async #fillZero(id: string): Promise<void> {
    const { recordings } = this.#parts
    const state = await recordings.state(id)
    const isFromOne =
      state.recording.next === 0 &&
      state.waiting.length > 0 &&
      missingNumbers(state, state.waiting[0]!.number).length === 1
    if (!isFromOne) return
    const piece: ChunkBody = { bytes: nothing(), verify: () => {} }
    await recordings.enter(id, 0, await recordings.receive(id, piece, await recordings.room(id, exactly(0))))
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

async function hashed(bytes: AsyncIterable<Buffer>): Promise<{ sha256: string; size: number }> {
  const hash = createHash('sha256')
  let size = 0
  for await (const chunk of bytes) {
    hash.update(chunk)
    size += chunk.length
  }
  return { sha256: hash.digest('hex'), size }
}

async function* nothing(): AsyncGenerator<Buffer> {}
