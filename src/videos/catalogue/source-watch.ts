import type { Db } from '../../database/schema.ts'

/** Videos that are looked at each time: their files' sizes take a few milliseconds. */
const PAGE = 500

/** Knows which videos have lost their source, because it looks at all of them again and again, a page at a time. */
export class SourceWatch {
  readonly #db: Db
  readonly #storage: { size(key: string): Promise<number | undefined> }
  readonly #missing = new Set<string>()
  #last: string | undefined

  constructor(db: Db, storage: { size(key: string): Promise<number | undefined> }) {
    this.#db = db
    this.#storage = storage
  }

  /** Number of videos whose source was missing when it was looked at last. */
  get missing(): number {
    return this.#missing.size
  }

  /** Looks at the next page, and again at those that are missing. */
  async look(): Promise<void> {
    await this.#lookAgain()
    const videos = await this.#db
      .selectFrom('videos')
      .select(['id', 'storage_key'])
      .$if(this.#last !== undefined, query => query.where('id', '>', this.#last!))
      .orderBy('id')
      .limit(PAGE)
      .execute()
    for (const { id, storage_key } of videos) {
      if ((await this.#storage.size(storage_key)) === undefined && (await this.#exists(id)))
        this.#missing.add(id)
    }
    this.#last = videos.length < PAGE ? undefined : videos.at(-1)!.id
  }

  async #lookAgain(): Promise<void> {
    if (this.#missing.size === 0) return
    const videos = await this.#db
      .selectFrom('videos')
      .select(['id', 'storage_key'])
      .where('id', 'in', [...this.#missing].slice(0, PAGE))
      .execute()
    const keys = new Map(videos.map(({ id, storage_key }) => [id, storage_key]))
    for (const id of [...this.#missing].slice(0, PAGE)) {
      const key = keys.get(id)
      this.#missing.delete(id)
      // Behind the others, so that each has its turn.
      if (key !== undefined && (await this.#storage.size(key)) === undefined) this.#missing.add(id)
    }
  }

  /** A video that is being deleted loses its source too. */
  async #exists(id: string): Promise<boolean> {
    return (
      (await this.#db.selectFrom('videos').select('id').where('id', '=', id).executeTakeFirst()) !== undefined
    )
  }
}
