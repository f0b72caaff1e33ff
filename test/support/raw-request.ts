import { type ClientRequest, type IncomingHttpHeaders, type OutgoingHttpHeaders, request } from 'node:http'

export interface RawAnswer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
  /** The body as text. */
  readonly text: string
}

export interface RawRequest {
  readonly method?: string
  readonly headers?: OutgoingHttpHeaders
  readonly body?: string | Uint8Array
}

/** One HTTP request as it is written: neither its path nor its headers are tidied up, as `fetch` does. */
export function rawRequest(
  origin: string,
  path: string,
  { body, ...options }: RawRequest = {},
): Promise<RawAnswer> {
  const { outgoing, answer } = openRequest(origin, path, options)
  outgoing.end(body)
  return answer
}

/** A request whose body the caller writes: it may stall, or be broken off. */
export function openRequest(
  origin: string,
  path: string,
  { method = 'GET', headers = {} }: Omit<RawRequest, 'body'> = {},
): { outgoing: ClientRequest; answer: Promise<RawAnswer> } {
  const { hostname, port } = new URL(origin)
  const named = { 'user-agent': 'longtake-tests', ...headers }
  const outgoing = request({ hostname, port, method, path, headers: named, agent: false })
  const answer = new Promise<RawAnswer>((resolve, reject) => {
    outgoing.on('error', reject).on('response', response => {
      const chunks: Buffer[] = []
      response.on('error', reject).on('data', chunk => chunks.push(chunk))
      response.on('end', () => {
        const body = Buffer.concat(chunks)
        resolve({ status: response.statusCode!, headers: response.headers, body, text: body.toString() })
      })
    })
  })
  // Where it is broken off on purpose nobody waits for the answer.
  answer.catch(() => {})
  return { outgoing, answer }
}
