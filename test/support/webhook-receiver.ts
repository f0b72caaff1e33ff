import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Received {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

export interface WebhookReceiver {
  readonly port: number
  /** Requests so far; it grows. */
  readonly received: readonly Received[]
  /** What the next requests to a path are answered, in order; 204 behind them. */
  answer(
    path: string,
    ...answers: { status: number; headers?: Record<string, string>; body?: string }[]
  ): void
  close(): Promise<void>
}

/** An HTTP server that keeps what it is sent. */
export async function startWebhookReceiver(): Promise<WebhookReceiver> {
  const received: Received[] = []
  const answers = new Map<string, { status: number; headers?: Record<string, string>; body?: string }[]>()
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const path = request.url!
    received.push({ path, headers: request.headers, body: Buffer.concat(chunks).toString() })
    const { status, headers, body } = answers.get(path)?.shift() ?? { status: 204 }
    if (status === 101)
      response.socket!.end('HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n')
    else response.writeHead(status, headers).end(body)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    received,
    answer: (path, ...next) => void answers.set(path, next),
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
