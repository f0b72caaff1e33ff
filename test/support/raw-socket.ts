import { once } from 'node:events'
import { connect } from 'node:net'

/**
 * Writes bytes to a server as they are, and reads until the server ends the connection, as a naive client does.
 * @throws Error if that is not within `patienceMs`.
 */
export async function readToEnd(origin: string, sent: string, patienceMs = 20_000): Promise<string> {
  const { hostname, port } = new URL(origin)
  const socket = connect(Number(port), hostname)
  let got = ''
  socket.on('data', (data: Buffer) => {
    got += data.toString('latin1')
  })
  socket.write(sent, 'latin1')
  try {
    await once(socket, 'end', { signal: AbortSignal.timeout(patienceMs) })
    return got
  } catch (cause) {
    throw new Error(`the connection did not end: ${JSON.stringify(got.slice(0, 500))}`, { cause })
  } finally {
    socket.destroy()
  }
}

/** The status of the first answer. */
export function statusOf(answer: string): number {
  return Number(/^HTTP\/1\.1 (\d{3}) /.exec(answer)?.[1])
}
