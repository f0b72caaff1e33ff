import { createServer } from 'node:net'
import { StartError } from '../base/errors.ts'
import type { Config } from '../config/config.ts'

type Address = Pick<Config, 'host' | 'port'>

/** Finds out whether the service can listen where its settings say, and stops listening at once. @throws StartError */
export async function requireFreeAddress({ host, port }: Address): Promise<void> {
  const probe = createServer()
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  probe.once('error', reject).listen({ host, port }, resolve)
  await promise.catch(error => {
    throw listenError({ host, port }, error)
  })
  await new Promise(resolve => probe.close(resolve))
}

/** @returns why the service cannot listen: a StartError that names the setting, or the error itself. */
export function listenError({ host, port }: Address, error: NodeJS.ErrnoException): Error {
  switch (error.code) {
    case 'EADDRINUSE':
      return new StartError(`PORT: ${host}:${port} is in use by another program.`)
    case 'EACCES':
      return new StartError(`PORT: this user may not listen on port ${port}.`)
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'EINVAL':
      return new StartError(`HOST: ${host} is not an address of this machine.`)
    default:
      return error
  }
}
