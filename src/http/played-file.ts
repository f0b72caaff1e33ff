import type { FastifyReply } from 'fastify'
import { notFound } from '../base/errors.ts'
import type { Db } from '../database/schema.ts'
import type { ObjectStorage } from '../objects/object-storage.ts'
import { mayBeTrimmed } from '../processing/media/edit-list.ts'
import { type ArtifactRow, findArtifact } from '../videos/catalogue/artifacts.ts'
import type { SourceRow } from '../videos/catalogue/videos.ts'
import { absentResult } from './not-ready.ts'

/** Answers that are remembered; a source never changes. */
const MAX_REMEMBERED = 1000

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
   * The rendition; undefined if the source plays, because it needs no rendition or has none yet. The source of a film that its owner
   * trimmed still holds what was cut off: nobody may be sent that instead of the rendition.
   * @throws ApiError 404 if the film is trimmed and has no rendition.
   */
  async find(video: SourceRow, reply: FastifyReply): Promise<ArtifactRow | undefined> {
    const rendition = await findArtifact(this.#db, video.id, 'playback')
    if (rendition || !(await this.#isTrimmed(video))) return rendition
    throw await absentResult(this.#db, reply, { videoId: video.id, step: 'playback', what: 'The rendition' })
  }

  /** Before `probe` has looked at the packets, and if it failed, the edit lists alone tell. */
  #isTrimmed({ id, streams, storage_key }: SourceRow): boolean | Promise<boolean> {
    const told = streams.map(({ trimmed }) => trimmed)
    if (told.length > 0 && !told.includes(undefined)) return told.includes(true)
    const known = this.#trimmed.get(id)
    if (known) return known
    if (this.#trimmed.size >= MAX_REMEMBERED) this.#trimmed.clear()
    const looking = this.#storage.withFile(storage_key, mayBeTrimmed).catch(error => {
      throw error.code === 'ENOENT' ? notFound('The file') : error
    })
    this.#trimmed.set(id, looking)
    looking.catch(() => this.#trimmed.delete(id))
    return looking
  }
}
