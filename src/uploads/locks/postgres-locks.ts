import type { Logger } from 'pino'
import type { Db } from '../../database/schema.ts'
import type { LockMessages, ReleaseAnswer, ReleaseRequest } from './lock-messages.ts'
import { type Acquired, acquireFree, generationOf, holderOf, releaseRows, takeOver } from './lock-rows.ts'
import { MemoryLocks } from './memory-locks.ts'
import { stillLocked } from './release-errors.ts'
import type { Hold, ReleaseReason, RunOptions, UploadLocks } from './upload-locks.ts'

/** How long a newcomer waits for the answer of a holder in another process. Then it takes over: it never needs the holder's consent. */
const ANSWER_TIMEOUT_MS = 100
/** How often a newcomer asks again because another newcomer was faster. */
const MAX_ATTEMPTS = 5
/** Rows that this process remembers to hold. One that it forgets costs one statement more. */
const MAX_REMEMBERED = 10_000

type Outcome = 'acquired' | 'busy' | 'absent'

/** A new row as the insert leaves it. */
const FIRST: Acquired = { generation: 1, takeover: false }

/** A hold before its work begins. */
interface OpenHold {
  generation: number | undefined
  takeover: boolean
}

/**
 * Locks for several processes on one PostgreSQL database: a lease in the upload's row, on top of a lock in memory.
 *
 * - A process keeps a row's lease from one request to the next, so that its next PATCH needs no statement.
 * - A newcomer in another process asks the holder by NOTIFY, waits for at most `ANSWER_TIMEOUT_MS`, and takes the row over.
 * - Whenever another process acquires a row, its generation increases. Updates of the offset name the generation, so that a writer that
 *   was replaced changes nothing, however late it wakes.
 *
 * Not covered: `isBusy`, `endSilent` and `holdOf` know the writers of this process only.
 */
export class PostgresLocks implements UploadLocks {
  readonly holder: string
  readonly #db: Db
  readonly #messages: LockMessages
  readonly #log: Logger
  readonly #local = new MemoryLocks()
  /** Generations of the rows that this process holds. */
  readonly #generations = new Map<string, number>()
  readonly #lostListeners: (() => void)[] = []
  readonly #answers = new Map<string, (answer: ReleaseAnswer) => void>()

  /** @param deps.holder a UUID of this process, to which `messages` are sent. */
  constructor(deps: { holder: string; db: Db; messages: LockMessages; log: Logger }) {
    this.holder = deps.holder
    this.#db = deps.db
    this.#messages = deps.messages
    this.#log = deps.log
    deps.messages.onMissed(() => {
      this.#generations.clear()
      for (const listener of this.#lostListeners) listener()
    })
    deps.messages.onMessage(message => {
      if (message.kind !== 'release') return this.#answers.get(message.id)?.(message)
      void this.#release(message).catch(err => this.#log.warn({ err }, 'an upload could not be released'))
    })
  }

  run<T>(id: string, work: (hold: Hold) => Promise<T>, options: RunOptions = {}): Promise<T> {
    const { reason = 'newcomer', isNew = false } = options
    return this.#local.run(
      id,
      async hold => {
        // Nobody else knows the id yet. The row is inserted with this process as its holder.
        if (isNew) this.#grant(id, hold, FIRST)
        else if ((await this.#acquire(id, hold, reason)) === 'busy') throw stillLocked()
        try {
          return await work(hold)
        } catch (error) {
          if (isNew) this.#generations.delete(id)
          throw error
        }
      },
      options,
    )
  }

  tryRun<T>(id: string, work: (hold: Hold) => Promise<T>): Promise<T | undefined> {
    return this.#local.tryRun(id, async hold =>
      (await this.#acquire(id, hold, undefined)) === 'busy' ? undefined : work(hold),
    )
  }

  progress(id: string): void {
    this.#local.progress(id)
  }

  holdOf(id: string): Hold | undefined {
    return this.#local.holdOf(id)
  }

  isBusy(id: string): boolean {
    return this.#local.isBusy(id)
  }

  endSilent(id: string, silenceMs: number): void {
    this.#local.endSilent(id, silenceMs)
  }

  async confirm(id: string): Promise<boolean> {
    const generation = this.#local.holdOf(id)?.generation
    const current = await generationOf(this.#db, id)
    if (generation === undefined || current === undefined || current === generation) return true
    this.#generations.delete(id)
    return false
  }

  /** Other processes may write at any time: the generation tells. */
  tenure(): () => void {
    return () => {}
  }

  onLost(listener: () => void): void {
    this.#lostListeners.push(listener)
  }

  async releaseAll(): Promise<void> {
    await this.#local.releaseAll()
    const ids = [...this.#generations.keys()]
    this.#generations.clear()
    // Without this the next process asks a holder that is gone.
    if (ids.length > 0) await releaseRows(this.#db, ids, this.holder).catch(() => {})
    await this.#messages.close()
  }

  /** @param reason absent if the holder is not to be disturbed. */
  async #acquire(id: string, hold: OpenHold, reason: ReleaseReason | undefined): Promise<Outcome> {
    const known = this.#messages.isOpen ? this.#generations.get(id) : undefined
    if (known !== undefined) {
      hold.generation = known
      return 'acquired'
    }
    for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
      const acquired =
        (await acquireFree(this.#db, id, this.holder)) ?? (await this.#takeFromOther(id, reason))
      if (acquired === 'busy' || acquired === 'absent') return acquired
      if (!acquired) continue
      this.#grant(id, hold, acquired)
      return 'acquired'
    }
    return 'busy'
  }

  /** @returns undefined if another process was faster. */
  async #takeFromOther(
    id: string,
    reason: ReleaseReason | undefined,
  ): Promise<Acquired | 'busy' | 'absent' | undefined> {
    const other = await holderOf(this.#db, id)
    if (other === undefined) return (await generationOf(this.#db, id)) === undefined ? 'absent' : undefined
    if ((await this.#ask(other, { kind: 'release', id, reason, from: this.holder })) === 'busy') return 'busy'
    return takeOver(this.#db, id, this.holder, other)
  }

  /** Asks a holder to release, and waits for its answer if it can answer. @returns undefined if none came. */
  async #ask(holder: string, request: ReleaseRequest): Promise<ReleaseAnswer['kind'] | undefined> {
    const { promise, resolve } = Promise.withResolvers<ReleaseAnswer['kind'] | undefined>()
    this.#answers.set(request.id, answer => resolve(answer.kind))
    const timer = setTimeout(() => resolve(undefined), ANSWER_TIMEOUT_MS)
    try {
      if (!(await this.#messages.send(holder, request))) return undefined
      return await promise
    } finally {
      clearTimeout(timer)
      this.#answers.delete(request.id)
    }
  }

  /** Releases a row that another process asked for, after the writer of this process. */
  async #release({ id, reason, from }: ReleaseRequest): Promise<void> {
    const release = async () => {
      this.#generations.delete(id)
      await releaseRows(this.#db, [id], this.holder)
      await this.#messages.send(from, { kind: 'released', id })
      return true
    }
    if (reason) await this.#local.run(id, release, { reason })
    else if (!(await this.#local.tryRun(id, release))) await this.#messages.send(from, { kind: 'busy', id })
  }

  #grant(id: string, hold: OpenHold, { generation, takeover }: Acquired): void {
    hold.generation = generation
    hold.takeover = takeover
    this.#generations.delete(id)
    this.#generations.set(id, generation)
    const [oldest] = this.#generations.keys()
    if (this.#generations.size > MAX_REMEMBERED && oldest !== undefined) this.#generations.delete(oldest)
  }
}
