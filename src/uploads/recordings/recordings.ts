import { createHash } from 'node:crypto'
import { v7 as uuid } from 'uuid'
import { ApiError } from '../../base/errors.ts'
import { type Limits, lockOwner, requireQuota } from '../core/allowance.ts'
import { type UploadMetadata, validLabels } from '../core/metadata.ts'
import { inTurn } from '../core/owner-turns.ts'
import { chunksPrefix } from '../core/recording-end.ts'
import { removeUpload } from '../core/remove-upload.ts'
import { type Announced, chunkRoom, type Room } from '../core/room.ts'
import type { Uploader } from '../core/upload-context.ts'
import { findUpload } from '../core/upload-rows.ts'
import { joinPieces } from './join-chunks.ts'
import { type IncomingPiece, type ReceivedPiece, receivePiece } from './receive-chunk.ts'
import {
  closeRecording,
  dueRecordings,
  findPiece,
  findRecording,
  insertPiece,
  insertRecording,
  lockRecording,
  type PieceRow,
  prolong,
  settleLength,
  waitingPieces,
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
import type { RecordingsParts } from './recordings-deps.ts'

/**
 * Uploads that are fed piece by piece, in whatever order the network brings them. Each piece is made durable as an object of its own,
 * then it has a row, then it is joined to the upload as soon as all before it are there: the row says which step was the last, and
 * whatever is repeated after a crash ends in the same.
 */
export class Recordings {
  readonly #parts: RecordingsParts

  constructor(parts: RecordingsParts) {
    this.#parts = parts
  }

  /** What one owner may have. */
  get limits(): Limits {
    return this.#parts.store.limits
  }

  /** @returns its id, which is that of its upload. */
  async create(metadata: UploadMetadata, uploader: Uploader, id = uuid()): Promise<string> {
    const { db, store } = this.#parts
    // It came in a body, where only the limit of each field counts.
    const labels = validLabels(metadata, { maxBytes: Number.POSITIVE_INFINITY })
    await store.create({ id, length: null, metadata: labels, uploader })
    await insertRecording(db, id)
    return id
  }

  /** @throws ApiError 404; 410 when bytes that were acknowledged are lost. */
  async state(id: string): Promise<RecordingState> {
    return wholeStateOf(this.#parts, id)
  }

  /**
   * Whether a piece may come, before its bytes do. @param announced what the request tells of its bytes.
   * @returns the piece, where it has come before: then its repetition needs only to be compared; else what it may have at most.
   * @throws ApiError 404, 409, 410, 413
   */
  async expect(
    id: string,
    place: number | 'next',
    announced?: Announced,
  ): Promise<{ known: PieceRow } | { known?: undefined; room: Room }> {
    const { db, maxSize } = this.#parts
    const state = await stateOf(db, id)
    const number = place === 'next' ? endOf(state) : place
    const known = await findPiece(db, state.upload.id, number)
    if (known) return { known }
    this.#requireOpen(state)
    requirePlace(state, number, announced?.least ?? 0, maxSize)
    return { room: this.#roomIn(state, announced) }
  }

  /** Room for a piece whose number comes after its bytes. @throws ApiError 404 */
  async room(id: string, announced?: Announced): Promise<Room> {
    return this.#roomIn(await this.state(id), announced)
  }

  #roomIn(state: RecordingState, announced: Announced | undefined): Room {
    const { db, store } = this.#parts
    return chunkRoom({ db, limits: store.limits }, state.upload, bytesOf(state), announced)
  }

  /** Makes a piece durable. @throws as `receivePiece`. */
  receive(id: string, piece: IncomingPiece, room: Room): Promise<ReceivedPiece> {
    return receivePiece(this.#parts, id, piece, room)
  }

  /** Removes a received piece that is not to be entered. */
  async drop({ key, room }: ReceivedPiece): Promise<void> {
    await room.release()
    await this.#parts.storage.remove(key)
  }

  /** Reads a repeated piece. @throws ApiError 409 where it has other bytes. */
  async compare(known: PieceRow, piece: IncomingPiece): Promise<void> {
    const hash = createHash('sha256')
    for await (const chunk of piece.bytes) {
      hash.update(chunk)
      piece.update?.(chunk)
    }
    piece.verify()
    requireSame(known, hash.digest('hex'))
  }

  /**
   * Enters a received piece, or finds that it has been entered before. Its bytes belong to the recording then, or are gone.
   * @throws ApiError 404, 409, 410, 413
   */
  async enter(id: string, place: number | 'next', received: ReceivedPiece): Promise<void> {
    let isNew = false
    try {
      isNew = await this.#insert(id, place, received)
    } finally {
      if (isNew) await received.room.release()
      else await this.drop(received)
    }
  }

  async #insert(
    id: string,
    place: number | 'next',
    { key, size, sha256, room }: ReceivedPiece,
  ): Promise<boolean> {
    const { db, store, maxSize } = this.#parts
    const { owner = null } = (await findUpload(db, id)) ?? {}
    return inTurn(db, owner, async trx => {
      if (owner !== null && store.limits.quota !== undefined) await lockOwner(trx, owner)
      await lockRecording(trx, id)
      const state = await stateOf(trx, id)
      const number = place === 'next' ? endOf(state) : place
      const known = await findPiece(trx, id, number)
      if (known) {
        requireSame(known, sha256)
        return false
      }
      this.#requireOpen(state)
      requirePlace(state, number, size, maxSize)
      await room.settle(trx)
      // Of a declared length all bytes were counted at the declaration.
      if (state.upload.length === null) await requireQuota(trx, owner, size, store.limits)
      await insertPiece(trx, { recording_id: id, number, size, sha256, storage_key: key })
      await prolong(trx, id, store.expiryS)
      return true
    })
  }

  /**
   * Joins what can be joined. A piece that is durable on its own needs nobody to wait: who writes to the upload meanwhile, or comes next,
   * goes on. @throws ApiError 507 where there is no room.
   */
  async join(id: string): Promise<void> {
    await this.#parts.locks
      .run(id, () => joinPieces(this.#parts, id))
      .catch(error => {
        if (!(error instanceof ApiError && error.code === 'upload_locked')) throw error
      })
  }

  /**
   * Closes a recording: from then on it becomes a video, whoever may have to see to it. Once more has no effect.
   * @param count of all pieces, where the client tells.
   * @throws DetailedError 409 with the numbers of what is missing, unless gaps are allowed; ApiError 400, 404, 409, 410, 423, 507
   */
  async finalize(
    id: string,
    { count, allowGaps }: { count?: number | undefined; allowGaps: boolean },
  ): Promise<void> {
    await this.#parts.db.transaction().execute(async trx => {
      await lockRecording(trx, id)
      const state = await stateOf(trx, id)
      if (state.upload.finished_at || state.recording.closed_at) return
      this.#requireOpen(state)
      await closeRecording(trx, id, requireClosable(state, count, allowGaps))
    })
    await this.#parts.locks.run(id, () => this.#finish(id))
  }

  /** Gives up a recording in progress, with all of its bytes. @throws ApiError 404, or 409 for one that is a video. */
  async remove(id: string): Promise<void> {
    const { db, storage, locks } = this.#parts
    await stateOf(db, id)
    await locks.run(id, async () => {
      if (!(await removeUpload(this.#parts, id)))
        throw new ApiError(
          409,
          'recording_closed',
          'The recording is a video: DELETE /videos/{id} removes it.',
        )
      await storage.remove(chunksPrefix(id))
    })
  }

  /** Recordings for `end`. @param now undefined while the time is not known for sure: then none has been abandoned. */
  due(now: Date | undefined): Promise<string[]> {
    return dueRecordings(this.#parts.db, now)
  }

  /**
   * Makes a video of a recording that is closed, or that was abandoned with something in it; removes one that was abandoned with nothing.
   * @returns what became of it; undefined where somebody writes to it, or has gone on with it.
   */
  async end(id: string, now: Date | undefined): Promise<'finished' | 'salvaged' | 'removed' | undefined> {
    const { storage, locks } = this.#parts
    return locks.tryRun(id, async () => {
      const fate = await this.#fate(id, now)
      if (fate === 'finished' || fate === 'salvaged') await this.#finish(id)
      else if (fate === 'removed') {
        if (!(await removeUpload(this.#parts, id, now && { expiredBefore: now }))) return undefined
        await storage.remove(chunksPrefix(id))
      }
      return fate
    })
  }

  #requireOpen(state: RecordingState): void {
    requireOpen(state, this.#parts.store.hasExpired(state.upload))
  }

  #fate(id: string, now: Date | undefined): Promise<'finished' | 'salvaged' | 'removed' | undefined> {
    return this.#parts.db.transaction().execute(async trx => {
      await lockRecording(trx, id)
      const recording = await findRecording(trx, id)
      const upload = await findUpload(trx, id)
      if (!recording || !upload || upload.finished_at) return undefined
      if (recording.closed_at || upload.length === upload.offset) return 'finished'
      if (!now || upload.expires_at >= now) return undefined
      const [first] = await waitingPieces(trx, recording)
      // What comes behind a beginning that never came can be played by nothing.
      const begins = upload.offset > 0 || (first?.number === 0 && first.size > 0)
      if (!begins) return 'removed'
      await closeRecording(trx, id, true)
      return 'salvaged'
    })
  }

  /** Makes a video of a closed recording. The caller holds its lock. */
  async #finish(id: string): Promise<void> {
    const { db, store } = this.#parts
    await joinPieces(this.#parts, id)
    const upload = await findUpload(db, id)
    if (!upload || upload.finished_at) return
    if (upload.length !== upload.offset) await settleLength(db, id, upload.offset)
    await store.finish({ ...upload, length: upload.offset })
  }
}
