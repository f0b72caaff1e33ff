import { v7 as uuid } from 'uuid'
import { ApiError } from '../../base/errors.ts'
import { sha256Stream } from '../../base/hash.ts'
import type { Db } from '../../database/schema.ts'
import { type Limits, lockOwner, requireQuota } from '../core/allowance.ts'
import { type UploadMetadata, validLabels } from '../core/metadata.ts'
import { inTurn } from '../core/owner-turns.ts'
import { chunksPrefix, endRecording } from '../core/recording-end.ts'
import { removeUpload } from '../core/remove-upload.ts'
import { type Announced, reserveForChunk, type SpaceReservation } from '../core/space-reservations.ts'
import type { Uploader } from '../core/upload-context.ts'
import { findUpload } from '../core/upload-rows.ts'
import { joinChunks } from './join-chunks.ts'
import { type ChunkBody, type ReceivedChunk, receiveChunk } from './receive-chunk.ts'
import {
  type ChunkRow,
  closeRecording,
  dueRecordings,
  findChunk,
  findRecording,
  insertChunk,
  insertRecording,
  lockRecording,
  prolong,
  settleLength,
  waitingChunks,
} from './recording-rows.ts'
import {
  bytesOf,
  endOf,
  type RecordingState,
  requireClosable,
  requireOpen,
  requirePlace,
  requireSame,
} from './recording-rules.ts'
import { stateOf, wholeStateOf } from './recording-state.ts'
import type { RecordingsDeps } from './recordings-deps.ts'
import { deleteEndedTurns } from './turns.ts'

/**
 * Uploads that clients send in numbered chunks, in any order. Each chunk is stored durably as an object of its own, then gets a row, and is
 * joined to the upload when all chunks before it are there. The rows record these steps, so a step can be repeated after a crash.
 */
export class Recordings {
  readonly #deps: RecordingsDeps

  constructor(deps: RecordingsDeps) {
    this.#deps = deps
  }

  /** The limits for each owner. */
  get limits(): Limits {
    return this.#deps.store.limits
  }

  /** @param options.claim called in the transaction that creates the recording. @returns the id of the recording and of its upload. */
  async create(
    metadata: UploadMetadata,
    uploader: Uploader,
    { id = uuid(), claim: requireClaim }: { id?: string; claim?: (trx: Db) => Promise<void> } = {},
  ): Promise<string> {
    const { store, locks } = this.#deps
    // The limit for all labels together holds only for a header; these labels came in a body.
    const labels = validLabels(metadata, { maxBytes: Number.POSITIVE_INFINITY })
    const claim = async (trx: Db) => {
      await requireClaim?.(trx)
      await insertRecording(trx, id)
    }
    const create = () => store.create({ id, length: null, metadata: labels, uploader, claim })
    await locks.run(id, create, { isNew: true })
    return id
  }

  /** @throws ApiError 404, 410 if acknowledged bytes are lost. */
  async state(id: string): Promise<RecordingState> {
    return wholeStateOf(this.#deps, id)
  }

  /**
   * Checks whether a chunk is accepted, before its bytes are read. @param announced size of the body, if the request declares it.
   * @returns the existing chunk if it was sent before, so that the new bytes are only compared; otherwise a reservation for its bytes.
   * @throws ApiError 404, 409, 410, 413
   */
  async expect(
    id: string,
    place: number | 'next',
    announced?: Announced,
  ): Promise<{ known: ChunkRow } | { known?: undefined; reservation: SpaceReservation }> {
    const { db, maxSize } = this.#deps
    const state = await stateOf(db, id)
    const number = place === 'next' ? endOf(state) : place
    const known = await findChunk(db, state.upload.id, number)
    if (known) return { known }
    this.#requireOpen(state)
    requirePlace(state, number, announced?.least ?? 0, maxSize)
    return { reservation: this.#reserveIn(state, announced) }
  }

  /** Reserves space for a chunk whose number comes after its bytes. @throws ApiError 404 */
  async reserve(id: string, announced?: Announced): Promise<SpaceReservation> {
    return this.#reserveIn(await this.state(id), announced)
  }

  #reserveIn(state: RecordingState, announced: Announced | undefined): SpaceReservation {
    const { db, store } = this.#deps
    return reserveForChunk({ db, limits: store.limits }, state.upload, bytesOf(state), announced)
  }

  /** Stores a chunk durably. @throws the errors of `receiveChunk`. */
  receive(id: string, chunk: ChunkBody, reservation: SpaceReservation): Promise<ReceivedChunk> {
    return receiveChunk(this.#deps, id, chunk, reservation)
  }

  /** Removes a received chunk that gets no row. */
  async drop({ key, reservation }: ReceivedChunk): Promise<void> {
    await reservation.release()
    await this.#deps.storage.remove(key)
  }

  /** Reads a repeated chunk and compares it with the stored chunk. @throws ApiError 409 if the bytes differ. */
  async compare(known: ChunkRow, chunk: ChunkBody): Promise<void> {
    const hash = sha256Stream()
    for await (const part of chunk.bytes) {
      hash.update(part)
      chunk.update?.(part)
    }
    chunk.verify()
    requireSame(known, hash.digest('hex'))
  }

  /**
   * Inserts the row of a received chunk. If the chunk already exists or is rejected, removes the received bytes.
   * @param options.claim called in the transaction that inserts the row. @throws ApiError 404, 409, 410, 413; and the errors of `claim`
   */
  async enter(
    id: string,
    place: number | 'next',
    received: ReceivedChunk,
    { claim }: { readonly claim?: (trx: Db) => Promise<void> } = {},
  ): Promise<void> {
    let isNew = false
    try {
      isNew = await this.#insert(id, place, received, claim)
    } finally {
      if (isNew) await received.reservation.release()
      else await this.drop(received)
    }
  }

  async #insert(
    id: string,
    place: number | 'next',
    { key, size, sha256, reservation }: ReceivedChunk,
    claim: ((trx: Db) => Promise<void>) | undefined,
  ): Promise<boolean> {
    const { db, store, maxSize } = this.#deps
    const { owner = null } = (await findUpload(db, id)) ?? {}
    return inTurn(db, owner, async trx => {
      if (owner !== null && store.limits.quota !== undefined) await lockOwner(trx, owner)
      await lockRecording(trx, id)
      const state = await stateOf(trx, id)
      await claim?.(trx)
      const number = place === 'next' ? endOf(state) : place
      const known = await findChunk(trx, id, number)
      if (known) {
        requireSame(known, sha256)
        return false
      }
      this.#requireOpen(state)
      requirePlace(state, number, size, maxSize)
      await reservation.settle(trx)
      // If the upload has a length, that already counts in the quota.
      if (state.upload.length === null) await requireQuota(trx, owner, size, store.limits)
      await insertChunk(trx, { recording_id: id, number, size, sha256, storage_key: key })
      await prolong(trx, id, store.expiryS)
      return true
    })
  }

  /**
   * Joins the chunks that can be joined. Does nothing if another writer has the upload: the chunks are durable, and the next request joins
   * them. @throws ApiError 507 if the disk is full.
   */
  async join(id: string): Promise<void> {
    await this.#deps.locks
      .run(id, () => joinChunks(this.#deps, id))
      .catch(error => {
        if (!(error instanceof ApiError && error.code === 'upload_locked')) throw error
      })
  }

  /**
   * Closes a recording and makes a video of it; after a crash, the sweeper does this. A second call changes nothing.
   * @param options.count number of all chunks, if the client knows it.
   * @throws DetailedError 409 with the missing numbers, unless gaps are allowed; ApiError 400, 404, 409, 410, 423, 507
   */
  async finalize(
    id: string,
    { count, allowGaps }: { count?: number | undefined; allowGaps: boolean },
  ): Promise<void> {
    await this.#deps.db.transaction().execute(async trx => {
      await lockRecording(trx, id)
      const state = await stateOf(trx, id)
      if (state.upload.finished_at || state.recording.closed_at) return
      this.#requireOpen(state)
      await closeRecording(trx, id, requireClosable(state, count, allowGaps))
    })
    await this.#deps.locks.run(id, () => this.#finish(id))
  }

  /** Deletes an unfinished recording and all its bytes. @throws ApiError 404, 409 if it is already a video, 423 */
  async remove(id: string): Promise<void> {
    const { db, storage, locks } = this.#deps
    await stateOf(db, id)
    await locks.run(id, async () => {
      if (!(await removeUpload(this.#deps, id)))
        throw new ApiError(
          409,
          'recording_closed',
          'The recording is already a video. Delete it with DELETE /videos/{id}.',
        )
      await storage.remove(chunksPrefix(id))
    })
  }

  /** Recordings that `end` must handle. @param now undefined while the clock is not reliable: then no recording counts as abandoned. */
  due(now: Date | undefined): Promise<string[]> {
    return dueRecordings(this.#deps.db, now)
  }

  /**
   * Makes a video of a recording that is closed, or abandoned with playable bytes. Removes a recording that was abandoned without them.
   * @returns undefined if a writer is using the recording or has continued it.
   */
  async end(id: string, now: Date | undefined): Promise<'finished' | 'salvaged' | 'removed' | undefined> {
    const { storage, locks } = this.#deps
    return locks.tryRun(id, async () => {
      const action = await this.#nextAction(id, now)
      if (action === 'finished' || action === 'salvaged') await this.#finish(id)
      else if (action === 'removed') {
        if (!(await removeUpload(this.#deps, id, now && { expiredBefore: now }))) return undefined
        await storage.remove(chunksPrefix(id))
      }
      return action
    })
  }

  /** Deletes the turns of requests whose process died. */
  deleteEndedTurns(): Promise<void> {
    return deleteEndedTurns(this.#deps.db)
  }

  #requireOpen(state: RecordingState): void {
    requireOpen(state, this.#deps.store.hasExpired(state.upload))
  }

  #nextAction(id: string, now: Date | undefined): Promise<'finished' | 'salvaged' | 'removed' | undefined> {
    return this.#deps.db.transaction().execute(async trx => {
      await lockRecording(trx, id)
      const recording = await findRecording(trx, id)
      const upload = await findUpload(trx, id)
      if (!recording || !upload) return undefined
      if (upload.finished_at) {
        // A process of an earlier version has finished it.
        if (!recording.is_ended) await endRecording(trx, id)
        return undefined
      }
      if (recording.closed_at || upload.length === upload.offset) return 'finished'
      if (!now || upload.expires_at >= now) return undefined
      const [first] = await waitingChunks(trx, recording)
      // Without its first chunk, a recording cannot be played.
      const begins = upload.offset > 0 || (first?.number === 0 && first.size > 0)
      if (!begins) return 'removed'
      await closeRecording(trx, id, true)
      return 'salvaged'
    })
  }

  /** Makes a video of a closed recording. The caller holds its lock. */
  async #finish(id: string): Promise<void> {
    const { db, store } = this.#deps
    await joinChunks(this.#deps, id)
    const upload = await findUpload(db, id)
    if (!upload || upload.finished_at) return
    if (upload.length !== upload.offset) await settleLength(db, id, upload.offset)
    await store.finish({ ...upload, length: upload.offset })
  }
}
