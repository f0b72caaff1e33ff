import type { Db } from '../../database/schema.ts'

/** Videos per check. Reading the sizes of their files takes a few milliseconds; objects on S3 take a request each. */
const PAGE_VIDEOS = 500
/** A check of objects on S3 ends after this time, but not before it has checked so many. */
const MAX_CHECK_MS = 100
const MIN_VIDEOS = 20

/** Counts the videos whose source is missing. Checks all videos repeatedly, one page at a time. */
export class SourceWatch {
  readonly #db: Db
  readonly #storage: { size(key: string): Promise<number | undefined> }
  readonly #missing = new Set<string>()
  #last: string | undefined

  constructor(db: Db, storage: { size(key: string): Promise<number | undefined> }) {
    this.#db = db
    this.#storage = storage
  }

  /** Number of videos whose source was missing when it was last checked. */
  get missing(): number {
    return this.#missing.size
  }

  /** Checks the next page, and again the videos whose source was missing. @param signal ends it before the next video. */
  async check(signal?: AbortSignal): Promise<void> {
    await this.#checkMissing(signal)
    const beganMs = performance.now()
    const videos = await this.#db
      .selectFrom('videos')
      .select(['id', 'storage_key'])
      .$if(this.#last !== undefined, query => query.where('id', '>', this.#last!))
      .orderBy('id')
      .limit(PAGE_VIDEOS)
      .execute()
    for (const [index, { id, storage_key }] of videos.entries()) {
      if (signal?.aborted) return
      if (index >= MIN_VIDEOS && performance.now() - beganMs > MAX_CHECK_MS) return
      this.#last = id
      if (storage_key === null) continue
      if ((await this.#storage.size(storage_key)) === undefined && (await this.#exists(id)))
        this.#missing.add(id)
    }
    if (videos.length < PAGE_VIDEOS) this.#last = undefined
  }

  async #checkMissing(signal: AbortSignal | undefined): Promise<void> {
    if (this.#missing.size === 0) return
    const videos = await this.#db
      .selectFrom('videos')
      .select(['id', 'storage_key'])
      .where('id', 'in', [...this.#missing].slice(0, PAGE_VIDEOS))
      .$narrowType<{ storage_key: string }>()
      .execute()
    const keys = new Map(videos.map(({ id, storage_key }) => [id, storage_key]))
    for (const id of [...this.#missing].slice(0, PAGE_VIDEOS)) {
      if (signal?.aborted) return
      const key = keys.get(id)
      this.#missing.delete(id)
      // Added at the end of the set, so that each of many is checked in turn.
      if (key !== undefined && (await this.#storage.size(key)) === undefined) this.#missing.add(id)
    }
  }

  /** A deletion removes the source before the row. */
  async #exists(id: string): Promise<boolean> {
    return (
      (await this.#db.selectFrom('videos').select('id').where('id', '=', id).executeTakeFirst()) !== undefined
    )
  }
}
