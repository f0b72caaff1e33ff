import { createReadStream, statSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { basename, join } from 'node:path'
import { atExit } from './at-exit.ts'

export interface ModelHub {
  readonly url: string
  /** Paths and ranges of the requests so far. */
  readonly requests: readonly { path: string; range: string | undefined }[]
  /** From now on each answer with a large file ends after a part of what was asked for. */
  cut(times: number): void
  /** From now on it answers with an error, or with files of another content. */
  behave(how: 'well' | 'unavailable' | 'wrong content' | 'no ranges'): void
  stop(): void
}

/** Serves the files of a directory under whatever path ends with their names, with ranges, as the hub for models does. */
export async function startModelHub(directory: string): Promise<ModelHub> {
  const requests: { path: string; range: string | undefined }[] = []
  let [cuts, manner]: [number, Parameters<ModelHub['behave']>[0]] = [0, 'well']
  const server = createServer((request, response) => {
    const path = request.url ?? ''
    const { range } = request.headers
    requests.push({ path, range })
    if (manner === 'unavailable') return response.writeHead(503).end()
    const file = join(directory, basename(path))
    const { size } = statSync(file)
    const from = manner === 'no ranges' ? 0 : Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1] ?? 0)
    const isPart = range !== undefined && manner !== 'no ranges'
    response.writeHead(isPart ? 206 : 200, {
      'content-length': size - from,
      ...(isPart && { 'content-range': `bytes ${from}-${size - 1}/${size}` }),
    })
    if (manner === 'wrong content') return response.end(Buffer.alloc(size - from, 'x'))
    const isCut = cuts > 0 && size > 2 ** 20
    if (!isCut) return createReadStream(file, { start: from }).pipe(response)
    const part = createReadStream(file, { start: from, end: from + Math.ceil(size / 12) })
    cuts--
    return part.on('end', () => setImmediate(() => response.destroy())).pipe(response, { end: false })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const stop = () => {
    server.closeAllConnections()
    server.close()
  }
  atExit(stop)
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    cut: times => {
      cuts = times
    },
    behave: how => {
      manner = how
    },
    stop,
  }
}
