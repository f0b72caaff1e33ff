import type { HttpRequest, HttpResponse } from 'tus-js-client'
import { refusalOf, tusUpload } from '../tus-upload.ts'
import type { ChaosClient } from './client.ts'
import { type Attempt, UploadModel } from './upload-model.ts'
import type { Job } from './uploads.ts'

/** Pauses between the attempts of tus-js-client. */
const RETRY_DELAYS_MS = Array.from({ length: 200 }, (_, n) => Math.min(100 * 2 ** n, 2000))

/**
 * Uploads by the real tus-js-client with its own retries, and with an Idempotency-Key for each creation. When it reports an error that passes,
 * it is made anew, as by an application that starts again. Of this one, the key is all that is left. @param parts more than 1 for parts that are sent in parallel and concatenated.
 */
export async function realTus({ client, name, bytes, chunkBytes }: Job, parts: number): Promise<string> {
  const watch = new Watch(client, name, chunkBytes)
  for (;;) {
    const { done } = tusUpload(client.origin, bytes, {
      chunkSize: chunkBytes,
      parallelUploads: parts,
      retryDelays: RETRY_DELAYS_MS,
      metadata: { title: name },
      onBeforeRequest: request => watch.before(request),
      onAfterResponse: (request, response) => watch.after(request, response),
    })
    try {
      const id = await done
      watch.throwFault()
      return id
    } catch (error) {
      watch.throwFault()
      const status = refusalOf(error) ?? 502
      if (status < 500 && status !== 429) throw error
      await client.repeat(`tus-js-client: ${status}`)
    }
  }
}

/** Compares what the service answers to tus-js-client with models of its uploads. */
class Watch {
  readonly #client: ChaosClient
  readonly #name: string
  readonly #chunkBytes: number
  readonly #models = new Map<string, UploadModel>()
  /** The offset that the service told last, by upload. After a creation the client begins at 0 again, which the service need not accept. */
  readonly #told = new Map<string, number>()
  /** Offsets that were told and refused, by upload. */
  readonly #refused = new Map<string, number>()
  readonly #attempts = new Map<HttpRequest, Attempt>()
  #fault: unknown

  constructor(client: ChaosClient, name: string, chunkBytes: number) {
    this.#client = client
    this.#name = name
    this.#chunkBytes = chunkBytes
  }

  before(request: HttpRequest): void {
    this.#client.note(describe(request))
    if (request.getMethod() === 'POST') {
      const [concat, length] = [request.getHeader('Upload-Concat'), request.getHeader('Upload-Length')]
      request.setHeader('Idempotency-Key', `${this.#name} ${concat?.slice(0, 7) ?? ''} ${length ?? ''}`)
    } else if (request.getMethod() === 'PATCH') {
      const from = offsetOf(request)
      const attempt = { from, to: from + this.#chunkBytes }
      this.#modelOf(request).begin(attempt)
      this.#attempts.set(request, attempt)
    }
  }

  after(request: HttpRequest, response: HttpResponse): void {
    const status = response.getStatus()
    const offset = Number(response.getHeader('Upload-Offset'))
    this.#client.note(`${describe(request)} ${status} ${response.getHeader('Upload-Offset') ?? ''}`)
    if (status === 423 || status >= 500) {
      const { retries } = this.#client
      retries[status] = (retries[status] ?? 0) + 1
    }
    try {
      this.#check(request, { status, offset, location: response.getHeader('Location') })
    } catch (error) {
      this.#fault ??= error
    }
  }

  /** @throws the first error of a model. */
  throwFault(): void {
    if (this.#fault) throw this.#fault
  }

  #check(
    request: HttpRequest,
    { status, offset, location }: { status: number; offset: number; location: string | undefined },
  ): void {
    const model = this.#modelOf(request)
    const id = idOf(request.getURL())
    const attempt = this.#attempts.get(request)
    if (attempt && status !== 502) model.end(attempt)
    if (location) this.#told.delete(idOf(location))
    else if (status === 409 && attempt) {
      if (this.#told.get(id) !== attempt.from) return
      this.#client.countConflict('tus-js-client')
      this.#refused.set(id, attempt.from)
    } else if (status < 300) {
      const refused = this.#refused.get(id)
      if (refused !== undefined) model.explainConflict(refused, offset)
      this.#refused.delete(id)
      model.acknowledge(offset)
      this.#told.set(id, offset)
    }
  }

  #modelOf(request: HttpRequest): UploadModel {
    const id = idOf(request.getURL())
    const model = this.#models.get(id) ?? new UploadModel()
    this.#models.set(id, model)
    return model
  }
}

function describe(request: HttpRequest): string {
  return `${request.getMethod()} ${new URL(request.getURL()).pathname} ${request.getHeader('Upload-Offset') ?? ''}`
}

function offsetOf(request: HttpRequest): number {
  return Number(request.getHeader('Upload-Offset'))
}

function idOf(url: string): string {
  return url.split('/').at(-1)!
}
