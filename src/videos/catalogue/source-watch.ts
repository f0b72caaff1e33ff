import type { Db } from '../../database/schema.ts'

/** Videos per check. Reading the sizes of their files takes a few milliseconds. */
const PAGE_VIDEOS = 500

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

  /** Checks the next page, and again the videos whose source was missing. */
  async check(): Promise<void> {
    await this.#checkMissing()
    const videos = await this.#db
      .selectFrom('videos')
      .select(['id', 'storage_key'])
      .$if(this.#last !== undefined, query => query.where('id', '>', this.#last!))
      .orderBy('id')
      .limit(PAGE_VIDEOS)
      .execute()
    for (const { id, storage_key } of videos) {
      if (storage_key === null) continue
      if ((await this.#storage.size(storage_key)) === undefined && (await this.#exists(id)))
        this.#missing.add(id)
    }
    this.#last = videos.length < PAGE_VIDEOS ? undefined : videos.at(-1)!.id
  }

  async #checkMissing(): Promise<void> {
    if (this.#missing.size === 0) return
    const videos = await this.#db
      .selectFrom('videos')
      .select(['id', 'storage_key'])
      .where('id', 'in', [...this.#missing].slice(0, PAGE_VIDEOS))
      .$narrowType<{ storage_key: string }>()
      .execute()
    const keys = new Map(videos.map(({ id, storage_key }) => [id, storage_key]))
    for (const id of [...this.#missing].slice(0, PAGE_VIDEOS)) {
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
