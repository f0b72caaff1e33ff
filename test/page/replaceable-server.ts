import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

/** `down`: connections end without a response. `proxy`: a proxy responds, but the service behind it does not run. */
export type Availability = 'up' | 'down' | 'proxy'

export interface ReplaceableServer {
  readonly url: string
  /** Replaces the service by another version. @param missing the files that this version does not have any more */
  replace(version: string, missing?: RegExp): void
  set(availability: Availability): void
  close(): Promise<void>
}

/** What differs between versions: the documents, and the service worker, which names the document that it stores. */
const isMarked = (path: string, type = '') => type.startsWith('text/html') || path === '/service-worker.js'

/** A service that can be unavailable and be replaced by another version: a proxy that adds the version to the documents. */
export async function startReplaceable(target: string): Promise<ReplaceableServer> {
  let availability: Availability = 'up'
  let version = 'one'
  let missing: RegExp | undefined
  const respond = (incoming: IncomingMessage, response: ServerResponse) => {
    const { method, url = '/', headers } = incoming
    if (availability === 'down') return void incoming.socket.destroy()
    if (availability === 'proxy' || missing?.test(url))
      return void response.writeHead(availability === 'proxy' ? 502 : 404).end()
    // Neither compressed nor 304, so that the version can be added.
    const { 'accept-encoding': _coding, 'if-none-match': _tag, ...sent } = headers
    const outgoing = request(new URL(url, target), { method, headers: sent }, async received => {
      const { statusCode = 500, headers } = received
      if (!isMarked(url, headers['content-type'])) {
        response.writeHead(statusCode, headers)
        return received.pipe(response)
      }
      const body = await text(received)
      const marked =
        url === '/service-worker.js'
          ? `${body}\n// version ${version}`
          : body.replace('<meta charset', `<meta name="version" content="${version}"><meta charset`)
      const { 'content-length': _length, etag: _etag, ...rest } = headers
      return response.writeHead(statusCode, rest).end(marked)
    })
    outgoing.on('error', () => response.destroy())
    incoming.pipe(outgoing)
  }
  const server = createServer(respond)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    replace(to, gone) {
      version = to
      missing = gone
    },
    set(to) {
      availability = to
      if (to === 'down') server.closeAllConnections()
    },
    async close() {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
}
