import type { PGlite } from '@electric-sql/pglite'
import type { PGliteDialectConfig } from 'kysely'
import type { Logger } from 'pino'

type KyselyPglite = Exclude<PGliteDialectConfig['pglite'], (...args: never) => unknown>
type Query = KyselyPglite['query']
type Transaction = Parameters<Parameters<KyselyPglite['transaction']>[0]>[0]

/** Milliseconds between two attempts to open a database that has stopped. */
const REOPEN_INTERVAL_MS = 1000
/** "cannot_connect_now" (PostgreSQL, appendix A): a temporary error. */
const CANNOT_CONNECT_NOW = '57P03'

/**
 * Reopens PGlite after a PANIC. PostgreSQL panics when it cannot write its log (a full disk, an I/O error). A server then restarts and
 * recovers from that log. PGlite does not restart by itself, and every later query would fail.
 */
export class RecoveringPglite implements KyselyPglite {
  readonly ready = true
  readonly waitReady = Promise.resolve()
  readonly #open: () => Promise<PGlite>
  readonly #log: Logger
  #current: PGlite | undefined
  #opening: Promise<PGlite> | undefined
  #lastOpened = Number.NEGATIVE_INFINITY
  #closed = false

  /** @param open opens the same directory again. */
  constructor(first: PGlite, open: () => Promise<PGlite>, log: Logger) {
    this.#current = first
    this.#open = open
    this.#log = log
  }

  get closed(): boolean {
    return this.#closed
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#opening?.catch(() => {})
    await this.#current?.close()
  }

  query: Query = async (text, params, options) => {
    const database = await this.#usable()
    return this.#watch(database, () => (database.query as Query)(text, params, options))
  }

  async transaction<T>(callback: (trx: Transaction) => Promise<T>): Promise<T> {
    let begun = false
    try {
      const database = await this.#usable()
      return (await this.#watch(database, () =>
        database.transaction(trx => {
          begun = true
          return callback({
            query: (...args) => this.#watch(database, () => (trx.query as Query)(...args)) as never,
            rollback: () => trx.rollback(),
          })
        }),
      )) as T
    } catch (error) {
      // Kysely waits until the callback is called, and checks for an error only then.
      if (!begun) await callback({ query: () => Promise.reject(error), rollback: async () => {} })
      throw error
    }
  }

  async #watch<T>(database: PGlite, work: () => Promise<T>): Promise<T> {
    if (database !== this.#current) throw stopped()
    try {
      return await work()
    } catch (error) {
      if (endsDatabase(error) && database === this.#current) this.#abandon(database, error)
      throw error
    }
  }

  /** A database that has panicked must not write to the disk, so it is discarded instead of closed. */
  #abandon(database: PGlite, err: unknown): void {
    this.#current = undefined
    this.#log.error({ err }, 'the embedded database has stopped and will be opened again')
    const { FS } = database.Module as unknown as EmscriptenFiles
    for (const stream of FS.streams) {
      try {
        if (stream) FS.close(stream)
      } catch {
        // It is already closed.
      }
    }
  }

  async #usable(): Promise<PGlite> {
    if (this.#current) return this.#current
    if (this.#closed) throw stopped()
    if (!this.#opening && performance.now() - this.#lastOpened < REOPEN_INTERVAL_MS) throw stopped()
    this.#opening ??= this.#reopen().finally(() => {
      this.#lastOpened = performance.now()
      this.#opening = undefined
    })
    return this.#opening
  }

  async #reopen(): Promise<PGlite> {
    try {
      this.#current = await this.#open()
    } catch (cause) {
      throw stopped(cause)
    }
    this.#log.info('the embedded database is open again')
    return this.#current
  }
}

interface EmscriptenFiles {
  readonly FS: { readonly streams: readonly unknown[]; close(stream: unknown): void }
}

/** Whether an error is a PANIC, a FATAL or an aborted WebAssembly module. */
function endsDatabase(error: unknown): boolean {
  const { severity } = error as { severity?: string }
  if (severity === 'PANIC' || severity === 'FATAL') return true
  return /^(RuntimeError|ExitStatus|ErrnoError)$/.test((error as Error)?.name)
}

function stopped(cause?: unknown): Error {
  const error = new Error('The embedded database has stopped and cannot be opened yet.', { cause })
  return Object.assign(error, { code: CANNOT_CONNECT_NOW })
}
