import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { dirname, join } from 'node:path'
import { FileStore } from '@tus/file-store'
import { Server } from '@tus/server'

/** `@tus/server` with its file-store as they come, on a folder. */
export async function stockTusServer(
  directory: string,
): Promise<{ endpoint: string; close: () => Promise<void> }> {
  const tus = new Server({ path: '/files', datastore: new FileStore({ directory }) })
  const server = createServer((request, response) => void tus.handle(request, response))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}/files`,
    async close() {
      server.closeAllConnections()
      await new Promise(done => server.close(done))
    },
  }
}

export interface TusdUpload {
  readonly id: string
  /** Undefined for a length that the client has not told. */
  readonly size: number | undefined
  /** Its bytes; undefined for none. */
  readonly bytes: Uint8Array | string | undefined
  readonly metadata?: Readonly<Record<string, string>>
  readonly partial?: boolean
  /** Ids of what it is made of. */
  readonly of?: readonly string[]
  readonly storage?: Readonly<Record<string, string>>
}

/** Writes an upload as tusd's filestore does. The offset in its sidecar is that of the creation. */
export function writeTusdUpload(directory: string, upload: TusdUpload): void {
  const { id, size, bytes, metadata = {}, partial = false, of, storage } = upload
  const path = join(directory, id)
  mkdirSync(dirname(path), { recursive: true })
  if (bytes !== undefined) writeFileSync(path, bytes)
  const info = {
    ID: id,
    Size: size ?? 0,
    SizeIsDeferred: size === undefined,
    Offset: 0,
    MetaData: metadata,
    IsPartial: partial,
    IsFinal: of !== undefined,
    PartialUploads: of ?? null,
    // Where the folder was on the server that made it.
    Storage: storage ?? {
      InfoPath: `/srv/tusd-data/data/${id}.info`,
      Path: `/srv/tusd-data/data/${id}`,
      Type: 'filestore',
    },
  }
  writeFileSync(`${path}.info`, JSON.stringify(info))
}
