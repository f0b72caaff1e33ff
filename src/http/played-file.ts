import type { FastifyReply } from 'fastify'
import { notFound } from '../base/errors.ts'
import type { Db } from '../database/schema.ts'
import type { ObjectStorage } from '../objects/object-storage.ts'
import { mayBeTrimmed } from '../processing/media/edit-list.ts'
import { type ArtifactRow, findArtifact } from '../videos/catalogue/artifacts.ts'
import type { SourceRow } from '../videos/catalogue/videos.ts'
import { absentResult } from './not-ready.ts'

/** Maximum number of cached results. A source never changes, so they never expire. */
const MAX_CACHED = 1000

/** Finds the file that a video plays from. */
export class PlayedFiles {
  readonly #db: Db
  readonly #storage: ObjectStorage
  /** By the id of the video. */
  readonly #trimmed = new Map<string, Promise<boolean>>()

  constructor(db: Db, storage: ObjectStorage) {
    this.#db = db
    this.#storage = storage
  }

  /**
   * The rendition; undefined if the source is played, because it needs no rendition or has none yet. The source of a trimmed video still
   * contains the hidden part, so it is never sent instead of the rendition.
   * @throws ApiError 404 if the video is trimmed and has no rendition.
   */
  async find(video: SourceRow, reply: FastifyReply): Promise<ArtifactRow | undefined> {
    const rendition = await findArtifact(this.#db, video.id, 'playback')
    if (rendition || !(await this.#isTrimmed(video))) return rendition
    throw await absentResult(this.#db, reply, { videoId: video.id, step: 'playback', what: 'The rendition' })
  }

  /** If `probe` has not examined the packets yet, or has failed, the edit lists decide. */
  #isTrimmed({ id, streams, storage_key }: SourceRow): boolean | Promise<boolean> {
    const known = streams.map(({ trimmed }) => trimmed)
    if (known.length > 0 && !known.includes(undefined)) return known.includes(true)
    const cached = this.#trimmed.get(id)
    if (cached) return cached
    if (this.#trimmed.size >= MAX_CACHED) this.#trimmed.clear()
    const result = this.#storage.withFile(storage_key, mayBeTrimmed).catch(error => {
      throw error.code === 'ENOENT' ? notFound('The file') : error
    })
    this.#trimmed.set(id, result)
    result.catch(() => this.#trimmed.delete(id))
    return result
  }
}
