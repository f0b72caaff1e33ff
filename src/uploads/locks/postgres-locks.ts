import { setTimeout as pause } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { Db } from '../../database/schema.ts'
import { processOf, unsettledOf } from './holder-ids.ts'
import { LockDialog } from './lock-dialog.ts'
import type { LockAnswer, LockMessage, LockMessages } from './lock-messages.ts'
import { acquireRow, generationOf, holderOf, releaseRows, type Takeover } from './lock-rows.ts'
import { MemoryLocks } from './memory-locks.ts'
import { stillLocked } from './release-errors.ts'
import type { Hold, ReleaseReason, RunOptions, UploadLocks } from './upload-locks.ts'

/**
 * A newcomer waits this long for the answer of a holder in another process, so that bytes that the holder saves in time need not be sent again.
 * Then it takes the upload over; the new generation prevents the old holder from changing anything.
 */
const ANSWER_TIMEOUT_MS = 60
/** `tryRun` must not interrupt a client, so even a slow holder gets enough time to answer. */
const PATIENT_TIMEOUT_MS = 1000
/** Attempts of a newcomer to acquire a row, if another newcomer is faster each time. */
const MAX_ATTEMPTS = 5
/** Pause before a row is read again whose holder was acquiring it when it was asked. */
const OUTDATED_PAUSE_MS = 20
/** Number of leases that this process remembers. Acquiring a row without a remembered lease takes a statement. */
const MAX_REMEMBERED = 10_000

type ReleaseRequest = Extract<LockMessage, { kind: 'release' }>

/** A row that this process has acquired. */
interface Lease {
  readonly generation: number
  /** See `Hold`. */
  takeover: boolean
  /** Whether certainly no other process has acquired it since. */
  isCertain: boolean
}

/** A hold before its work begins. */
interface OpenHold {
  generation: number | undefined
  takeover: boolean
}

/**
 * Locks for several processes on one PostgreSQL database: a lease in the upload's row in addition to a lock in memory.
 *
 * - A process keeps a row's lease from one request to the next, so that its next PATCH needs no statement.
 * - A newcomer in another process asks the holder by NOTIFY, waits for at most `ANSWER_TIMEOUT_MS`, and takes the row over.
 * - Whenever another process acquires a row, its generation increases. Updates of the offset name the generation, so that a writer that
 *   was replaced changes nothing, however late it wakes.
 * - After a takeover without the holder's answer, unless the holder has certainly ended, its writer may still write to its file. The row then
 *   names the other id of this process, so that the next process knows it, too. `settle` ends that.
 */
export class PostgresLocks implements UploadLocks {
  readonly holder: string
  readonly #db: Db
  readonly #messages: LockMessages
  readonly #hasEnded: (holder: string) => boolean
  readonly #dialog: LockDialog
  readonly #log: Logger
  readonly #local = new MemoryLocks()
  readonly #leases = new Map<string, Lease>()
  readonly #changeListeners: ((id: string | undefined) => void)[] = []

  /** @param deps.holder a UUID of this process, to which `messages` are sent. @param deps.hasEnded whether a process has certainly ended. */
  constructor(deps: {
    holder: string
    db: Db
    messages: LockMessages
    hasEnded?: (holder: string) => boolean
    log: Logger
  }) {
    this.holder = processOf(deps.holder)
    this.#hasEnded = deps.hasEnded ?? (() => false)
    this.#db = deps.db
    this.#messages = deps.messages
    this.#log = deps.log
    this.#dialog = new LockDialog(this.holder, deps.messages)
    deps.messages.onMissed(() => {
      for (const lease of this.#leases.values()) lease.isCertain = false
      this.#noteChange(undefined)
    })
    deps.messages.onMessage(message => {
      void this.#receive(message).catch(err => this.#log.warn({ err }, 'an upload could not be released'))
    })
  }

  run<T>(id: string, work: (hold: Hold) => Promise<T>, options: RunOptions = {}): Promise<T> {
    const { reason = 'newcomer', isNew = false } = options
    return this.#local.run(
      id,
      async hold => {
        // No other process knows the id yet. The row is inserted with this process as its holder.
        if (isNew) this.#grant(id, hold, { generation: 1, holder: this.holder })
        else if (!(await this.#acquire(id, hold, reason))) throw stillLocked()
        return work(hold)
      },
      options,
    )
  }

  tryRun<T>(id: string, work: (hold: Hold) => Promise<T>): Promise<T | undefined> {
    return this.#local.tryRun(id, async hold =>
      (await this.#acquire(id, hold, undefined)) ? work(hold) : undefined,
    )
  }

  progress(id: string): void {
    this.#local.progress(id)
  }

  settle(id: string): void {
    const hold = this.#local.holdOf(id)
    if (!hold) return
    hold.takeover = false
    const lease = this.#leases.get(id)
    if (lease && lease.generation === hold.generation) lease.takeover = false
  }

  holdOf(id: string): Hold | undefined {
    return this.#local.holdOf(id)
  }

  async notePromise(upload: { id: string; offset: number; lock_holder: string | null }): Promise<void> {
    const { id, offset, lock_holder } = upload
    if (lock_holder === null || processOf(lock_holder) === this.holder) return
    // If the holder does not answer in time, the promise only ends later than necessary.
    await this.#dialog.ask(lock_holder, id, { kind: 'told', offset }, ANSWER_TIMEOUT_MS)
  }

  async isBusy(id: string): Promise<boolean> {
    if (this.#local.holdOf(id)) return this.#local.isBusy(id)
    const other = await this.#otherHolder(id)
    if (other === undefined) return false
    return (await this.#dialog.ask(other, id, { kind: 'is-busy' }, ANSWER_TIMEOUT_MS)) === 'busy'
  }

  endSilent(id: string, silenceMs: number): void {
    if (this.#local.holdOf(id)) this.#local.endSilent(id, silenceMs)
    else void this.#endOtherSilent(id, silenceMs).catch(() => {})
  }

  async #endOtherSilent(id: string, silenceMs: number): Promise<void> {
    const other = await this.#otherHolder(id)
    if (other !== undefined) await this.#messages.send(other, { kind: 'end-silent', id, silenceMs })
  }

  async confirm(id: string): Promise<boolean> {
    const generation = this.#local.holdOf(id)?.generation
    const current = await generationOf(this.#db, id)
    if (generation === undefined || current === undefined || current === generation) return true
    this.#leases.delete(id)
    return false
  }

  async regain(id: string): Promise<boolean> {
    const hold = this.#local.holdOf(id)
    if (!hold) return false
    this.#leases.delete(id)
    return this.#acquire(id, hold, undefined)
  }

  onChange(listener: (id: string | undefined) => void): void {
    this.#changeListeners.push(listener)
  }

  async releaseAll(): Promise<void> {
    await this.#local.releaseAll()
    const ids = [...this.#leases].filter(([, { takeover }]) => !takeover).map(([id]) => id)
    this.#leases.clear()
    // If the rows kept their holder, the next process would have to assume that this process still writes.
    const own = [this.holder, unsettledOf(this.holder)]
    if (ids.length > 0) await releaseRows(this.#db, ids, own).catch(() => {})
  }

  async #otherHolder(id: string): Promise<string | undefined> {
    if (this.#messages.isOpen && this.#leases.get(id)?.isCertain) return undefined
    const holder = await holderOf(this.#db, id)
    return holder && processOf(holder) === this.holder ? undefined : holder
  }

  /**
   * @param reason absent if a client that is writing must not be interrupted.
   * @returns false if another process keeps the upload. An upload that does not exist is acquired without a generation.
   */
  async #acquire(id: string, hold: OpenHold, reason: ReleaseReason | undefined): Promise<boolean> {
    const lease = this.#leases.get(id)
    if (lease?.isCertain && this.#messages.isOpen) {
      hold.generation = lease.generation
      hold.takeover = lease.takeover
      return true
    }
    const timeoutMs = reason ? ANSWER_TIMEOUT_MS : PATIENT_TIMEOUT_MS
    let takeover: Takeover | undefined
    for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
      const row = await acquireRow(this.#db, id, this.holder, takeover)
      if (!row) return true
      if (row.generation !== null) {
        this.#grant(id, hold, { generation: row.generation, holder: row.holder! })
        return true
      }
      const from = row.before!
      const question = { kind: 'release', reason, generation: row.generation_before } as const
      const answer = await this.#dialog.ask(from, id, question, timeoutMs)
      if (answer === 'busy') return false
      if (answer === 'outdated') {
        takeover = undefined
        await pause(OUTDATED_PAUSE_MS)
        continue
      }
      takeover = { from, as: this.#hasEnded(from) ? this.holder : unsettledOf(this.holder) }
    }
    return false
  }

  #grant(
    id: string,
    hold: OpenHold,
    { generation, holder }: { readonly generation: number; readonly holder: string },
  ): void {
    const known = this.#leases.get(id)
    const isKnown = known?.generation === generation
    hold.generation = generation
    hold.takeover = isKnown ? known.takeover : holder !== this.holder
    this.#leases.delete(id)
    this.#leases.set(id, { generation, takeover: hold.takeover, isCertain: true })
    const [oldest] = this.#leases.keys()
    if (this.#leases.size > MAX_REMEMBERED && oldest !== undefined) this.#leases.delete(oldest)
    if (!isKnown) this.#noteChange(id)
  }

  async #receive(message: LockMessage): Promise<void> {
    const { kind, id } = message
    switch (kind) {
      case 'answer':
        return this.#dialog.receive(message)
      case 'told': {
        const hold = this.#local.holdOf(id)
        if (hold) hold.promisedOffset = message.offset
        this.#noteChange(id)
        return this.#dialog.answer(message, 'noted')
      }
      case 'end-silent':
        return this.#local.endSilent(id, message.silenceMs)
      case 'is-busy':
        return this.#dialog.answer(message, (await this.#local.isBusy(id)) ? 'busy' : 'idle')
      case 'release':
        return this.#dialog.answer(message, await this.#release(message))
    }
  }

  /** Releases a row at the request of another process, after the writer in this process has ended. */
  async #release({ id, reason, generation }: ReleaseRequest): Promise<LockAnswer> {
    const hold = this.#local.holdOf(id)
    // The question is late: the other process has acquired the upload without an answer since, and perhaps a client has come back to this
    // process. Its request must not end.
    if (reason && hold && generation !== undefined && hold.generation !== generation) return 'outdated'
    const release = async (): Promise<LockAnswer> => {
      const isSettled = this.#leases.get(id)?.takeover === false
      this.#leases.delete(id)
      this.#noteChange(id)
      await releaseRows(this.#db, [id], isSettled ? [this.holder, unsettledOf(this.holder)] : [this.holder])
      return 'released'
    }
    // Also while this process stops: without an answer, the other one would have to assume that a writer is still at work here.
    if (reason) return this.#local.run(id, release, { reason, whileStopping: true })
    return (await this.#local.tryRun(id, release)) ?? 'busy'
  }

  #noteChange(id: string | undefined): void {
    for (const listener of this.#changeListeners) listener(id)
  }
}
