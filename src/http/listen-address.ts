import { createServer } from 'node:net'
import { StartError } from '../base/errors.ts'
import type { Config } from '../config/config.ts'

type Address = Pick<Config, 'host' | 'port'>

/** Checks that the service can listen on its configured address by listening on it briefly. @throws StartError */
export async function requireFreeAddress({ host, port }: Address): Promise<void> {
  const probe = createServer()
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  probe.once('error', reject).listen({ host, port }, resolve)
  await promise.catch(error => {
    throw listenError({ host, port }, error)
  })
  await new Promise(resolve => probe.close(resolve))
}

/** Explains why the service cannot listen. @returns a StartError that names the setting, or the error itself. */
export function listenError({ host, port }: Address, error: NodeJS.ErrnoException): Error {
  switch (error.code) {
    case 'EADDRINUSE':
      return new StartError(`PORT: ${host}:${port} is in use by another program.`)
    case 'EACCES':
      return new StartError(`PORT: this user is not permitted to listen on port ${port}.`)
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'EINVAL':
      return new StartError(`HOST: ${host} is not an address of this machine.`)
    default:
      return error
  }
}
