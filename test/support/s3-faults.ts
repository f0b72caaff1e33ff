import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'

/** The fault of one request. */
export type S3Fault =
  | 'slow'
  /** 503 SlowDown; the request does not reach the server. */
  | 'slow-down'
  /** The connection is reset in the middle of the request's body. */
  | 'cut-request'
  /** The request is carried out, and the connection is reset before its answer. */
  | 'lost-answer'
  /** The connection is reset in the middle of the answer's body. */
  | 'cut-answer'
  /** Status 200 with an error as its body, which S3 sends for long operations. */
  | 'error-in-200'

export type S3Operation =
  | 'put'
  | 'begin'
  | 'part'
  | 'copy'
  | 'complete'
  | 'abort'
  | 'head'
  | 'get'
  | 'delete'
  | 'list'

const SLOW_MS = 300
const ERROR =
  '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>InternalError</Code><Message>We encountered an internal error. Please try again.</Message></Error>'

/** An HTTP proxy before an S3 server that does harm to requests. */
export class S3Faults {
  readonly requests: S3Operation[] = []
  readonly endpoint: string
  /** The fault of the next request of a kind; by default none. */
  faultOf: (operation: S3Operation) => S3Fault | undefined = () => undefined
  readonly #close: () => void

  private constructor(endpoint: string, close: () => void) {
    this.endpoint = endpoint
    this.#close = close
  }

  static async start(target: string): Promise<S3Faults> {
    let faults: S3Faults | undefined
    const server = createServer((req, res) => {
      const operation = operationOf(req)
      faults!.requests.push(operation)
      void relay(target, req, res, faults!.faultOf(operation)).catch(() => res.destroy())
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    faults = new S3Faults(`http://127.0.0.1:${port}`, () => {
      server.close()
      server.closeAllConnections()
    })
    return faults
  }

  /** Does harm to the next request of this kind only. */
  once(operation: S3Operation, fault: S3Fault): void {
    this.times(1, operation, fault)
  }

  times(count: number, operation: S3Operation, fault: S3Fault): void {
    let left = count
    this.faultOf = each => (each === operation && left-- > 0 ? fault : undefined)
  }

  close(): void {
    this.#close()
  }
}

function operationOf({ method, url = '', headers }: IncomingMessage): S3Operation {
  const { searchParams } = new URL(url, 'http://localhost')
  const hasUpload = searchParams.has('uploadId')
  if (method === 'POST') return searchParams.has('uploads') ? 'begin' : hasUpload ? 'complete' : 'delete'
  if (method === 'PUT') return headers['x-amz-copy-source'] ? 'copy' : hasUpload ? 'part' : 'put'
  if (method === 'DELETE') return hasUpload ? 'abort' : 'delete'
  if (method === 'HEAD') return 'head'
  return hasUpload || searchParams.has('uploads') || searchParams.has('list-type') ? 'list' : 'get'
}

async function relay(
  target: string,
  req: IncomingMessage,
  res: ServerResponse,
  fault: S3Fault | undefined,
): Promise<void> {
  if (fault === 'slow') await pause(SLOW_MS)
  if (fault === 'slow-down' || fault === 'error-in-200') {
    for await (const _ of req);
    const text = fault === 'slow-down' ? ERROR.replace('InternalError', 'SlowDown') : ERROR
    res.writeHead(fault === 'slow-down' ? 503 : 200, { 'content-type': 'application/xml' }).end(text)
    return
  }
  const chunks: Buffer[] = []
  let size = 0
  const half = Number(req.headers['content-length'] ?? 0) / 2
  for await (const chunk of req) {
    chunks.push(chunk)
    size += chunk.length
    if (fault === 'cut-request' && size >= half) return void req.socket.resetAndDestroy()
  }
  if (fault === 'cut-request') return void req.socket.resetAndDestroy()
  const { hostname, port } = new URL(target)
  const upstream = request({ hostname, port, method: req.method!, path: req.url!, headers: req.headers })
  upstream.on('error', () => res.destroy())
  upstream.end(Buffer.concat(chunks))
  const [answer] = (await once(upstream, 'response')) as [IncomingMessage]
  const body: Buffer[] = []
  for await (const chunk of answer) body.push(chunk)
  if (fault === 'lost-answer') return void req.socket.resetAndDestroy()
  const all = Buffer.concat(body)
  res.writeHead(answer.statusCode!, answer.headers)
  if (fault !== 'cut-answer') return void res.end(all)
  res.write(all.subarray(0, all.length / 2))
  await pause(10)
  req.socket.resetAndDestroy()
}
