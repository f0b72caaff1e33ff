// The limit: what Node can do at best. Writes of about 1 MiB straight from the raw body while more of it arrives, one sync, an answer.
// Offsets are in memory and nothing is locked. Argument: its directory. Prints its port.
import { randomUUID } from 'node:crypto'
import { type FileHandle, open } from 'node:fs/promises'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'

const BATCH_BYTES = 1024 * 1024
const directory = join(process.argv[2]!, 'uploads')
const folder = await open(directory)
const offsets = new Map<string, number>()

async function create(): Promise<string> {
  const id = randomUUID()
  await (await open(join(directory, id), 'wx')).close()
  await folder.sync()
  offsets.set(id, 0)
  return id
}

async function patch(request: IncomingMessage, id: string): Promise<number> {
  const file = await open(join(directory, id), 'r+')
  try {
    const offset = await receive(request, file, offsets.get(id)!)
    await file.datasync()
    offsets.set(id, offset)
    return offset
  } finally {
    await file.close()
  }
}

function receive(request: IncomingMessage, file: FileHandle, offset: number): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  let at = offset
  let batch: Buffer[] = []
  let size = 0
  let writing = false
  let ended = false
  const write = async () => {
    const buffers = batch
    const length = size
    batch = []
    size = 0
    writing = true
    const { bytesWritten } = await file.writev(buffers, at)
    if (bytesWritten !== length) throw new Error(`wrote ${bytesWritten} bytes of ${length}`)
    writing = false
    at += length
    request.resume()
    go()
  }
  const go = () => {
    if (writing) return
    if (size >= BATCH_BYTES || (ended && size > 0)) write().catch(reject)
    else if (ended) resolve(at)
  }
  request.on('data', (chunk: Buffer) => {
    batch.push(chunk)
    size += chunk.byteLength
    if (size < BATCH_BYTES) return
    if (writing) request.pause()
    else go()
  })
  request.on('end', () => {
    ended = true
    go()
  })
  request.on('error', reject)
  return promise
}

const server = createServer(async (request, response) => {
  try {
    const id = request.url!.split('/').at(-1)!
    if (request.method === 'POST') response.writeHead(201, { Location: `/uploads/${await create()}` }).end()
    else if (request.method === 'PATCH')
      response.writeHead(204, { 'Upload-Offset': await patch(request, id) }).end()
    else if (request.method === 'HEAD') response.writeHead(200, { 'Upload-Offset': offsets.get(id)! }).end()
    else response.writeHead(204).end()
  } catch (error) {
    console.error(error)
    response.destroy()
  }
})
server.requestTimeout = 0
server.listen(0, '127.0.0.1', () => console.log(`port ${(server.address() as AddressInfo).port}`))
