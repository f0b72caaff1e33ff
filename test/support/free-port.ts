import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:net'

/** Systems give none of these to those who ask for any port, or connect: Linux gives 32768 and up, others 49152 and up (RFC 6335 §6). */
const FIRST = 15_000
const LAST = 32_000

/** A loopback port that nobody listens on now, and nobody gets who does not name it. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(FIRST, LAST)
    const server = createServer().listen(port, '127.0.0.1')
    try {
      await once(server, 'listening')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') continue
      throw error
    }
    server.close()
    await once(server, 'close')
    return port
  }
}
