// The contender "stock": @tus/server and @tus/file-store as they come. Argument: its directory. Prints its port.
import type { AddressInfo } from 'node:net'
import { FileStore } from '@tus/file-store'
import { Server } from '@tus/server'

const tus = new Server({
  path: '/uploads',
  datastore: new FileStore({ directory: process.argv[2]! }),
  relativeLocation: true,
})
const server = tus.listen(0, '127.0.0.1', () => console.log(`port ${(server.address() as AddressInfo).port}`))
