import type { ServerResponse } from 'node:http'
import type { Logger } from 'pino'
import type { Db } from '../../database/schema.ts'
import { findVideo, type Video, versionOf } from '../../videos/catalogue/videos.ts'
import type { VideoWatcher } from '../video-watcher.ts'
import { viewVideo } from './video-view.ts'

/** Interval of comments, which keep proxies from closing an idle stream. */
const KEEP_ALIVE_MS = 15_000

export interface EventStreamDeps {
  readonly db: Db
  readonly watcher: VideoWatcher
  /** The public URL without a trailing slash, or ''. */
  readonly base: string
}

interface StreamOptions {
  /** Whether the credential of the request is still valid. */
  readonly isPermitted: () => Promise<boolean>
  readonly log: Pick<Logger, 'warn'>
}

/** Writes the events of one video to one client. */
export class EventStream {
  readonly #deps: EventStreamDeps
  readonly #raw: ServerResponse
  readonly #options: StreamOptions
  /** The JSON of the video that was sent last. */
  #last = ''
  /** Resolves when all changes so far have been sent. */
  #sending = Promise.resolve()
  #keepAlive: NodeJS.Timeout | undefined
  #stopWatching: (() => void) | undefined

  constructor(deps: EventStreamDeps, raw: ServerResponse, options: StreamOptions) {
    this.#deps = deps
    this.#raw = raw
    this.#options = options
  }

  /** @param known the version that the client already has. */
  start(video: Video, known: string | undefined): void {
    const raw = this.#raw
    const { watcher, base } = this.#deps
    const version = versionOf(video)
    this.#last = JSON.stringify(viewVideo(video, base))
    // A proxy may delay the headers until the first byte of the body.
    if (known === version) raw.write(': no change\n\n')
    else this.#send('video', this.#last, version)
    this.#stopWatching = watcher.watch(video.id, version, now => this.#queue(video.id, now === undefined))
    raw.on('drain', () => this.#queue(video.id, false)).on('close', () => this.end())
    this.#keepAlive = setInterval(() => {
      if (!raw.writableNeedDrain) raw.write(': keep-alive\n\n')
    }, KEEP_ALIVE_MS)
  }

  end(): void {
    clearInterval(this.#keepAlive)
    this.#stopWatching?.()
    this.#raw.end()
  }

  #queue(id: string, isDeleted: boolean): void {
    const sent = this.#sending.then(() => this.#update(id, isDeleted))
    // After a failure of the database, the next event contains the whole state.
    this.#sending = sent.catch(err =>
      this.#options.log.warn({ err }, 'a change of a video could not be sent'),
    )
  }

  async #update(id: string, isDeleted: boolean): Promise<void> {
    // A client that reads slowly skips intermediate states, but always gets the latest one.
    if (this.#raw.writableNeedDrain || this.#raw.writableEnded) return
    if (!(await this.#options.isPermitted())) return this.end()
    const video = isDeleted ? undefined : await findVideo(this.#deps.db, id)
    if (!video) {
      this.#send('deleted', JSON.stringify({ id }))
      return this.end()
    }
    const text = JSON.stringify(viewVideo(video, this.#deps.base))
    if (text !== this.#last) this.#send('video', text, versionOf(video))
    this.#last = text
  }

  #send(event: string, data: string, version?: string): void {
    const id = version === undefined ? '' : `id: ${version}\n`
    this.#raw.write(`${id}event: ${event}\ndata: ${data}\n\n`)
  }
}
