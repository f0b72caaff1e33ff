// @tus/server and @tus/file-store as they come. Argument: its directory. Prints its port.
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { FileStore } from '@tus/file-store'
import { Server } from '@tus/server'

const datastore = new FileStore({ directory: join(process.argv[2]!, 'uploads') })
const server = new Server({ path: '/uploads', datastore }).listen(0, '127.0.0.1', () =>
  console.log(`port ${(server.address() as AddressInfo).port}`),
)
