// The contender "bare": what Node can do at best. Batched writes of the raw body, one sync, an answer; offsets in memory. Argument: its
// directory. Prints its port.
import { randomUUID } from 'node:crypto'
import { open } from 'node:fs/promises'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'

const BATCH = 1024 * 1024
const directory = process.argv[2]!
const offsets = new Map<string, number>()

async function patch(request: IncomingMessage, id: string): Promise<number> {
  const file = await open(join(directory, id), 'r+')
  let at = offsets.get(id)!
  let batch: Buffer[] = []
  let size = 0
  const write = async () => {
    if (size > 0) await file.writev(batch, at)
    at += size
    batch = []
    size = 0
  }
  for await (const chunk of request as AsyncIterable<Buffer>) {
    batch.push(chunk)
    size += chunk.byteLength
    if (size >= BATCH) await write()
  }
  await write()
  await file.datasync()
  await file.close()
  offsets.set(id, at)
  return at
}

const server = createServer(async (request, response) => {
  const id = request.url!.split('/').at(-1)!
  if (request.method === 'POST') {
    const created = randomUUID()
    await (await open(join(directory, created), 'w')).close()
    offsets.set(created, 0)
    response.writeHead(201, { Location: `/uploads/${created}` }).end()
  } else {
    const offset = await patch(request, id)
    response.writeHead(204, { 'Upload-Offset': offset }).end()
  }
})
server.requestTimeout = 0
server.listen(0, '127.0.0.1', () => console.log(`port ${(server.address() as AddressInfo).port}`))
