/** Where NATS is and how to log in there. */
export interface NatsAddress {
  /** `host:port` each. */
  readonly servers: string[]
  /** The same for the log, without a secret. */
  readonly hosts: string
  readonly user: string | undefined
  readonly pass: string | undefined
  readonly token: string | undefined
  /** Set where TLS is insisted on; a server that offers TLS gets it in any case. */
  readonly tls: object | undefined
}

/**
 * Reads `nats://user:password@host:port`, or several, separated by commas; the login of the first counts. A user without a
 * password is a token; `tls://` insists on TLS. The client library itself reads neither login nor scheme from an address.
 * @throws TypeError when it is not an address
 */
export function parseNatsAddress(url: string): NatsAddress {
  const urls = url
    .split(',')
    .map(part => new URL(part.includes('://') ? part.trim() : `nats://${part.trim()}`))
  const { username, password } = urls[0]!
  const name = username ? decodeURIComponent(username) : undefined
  return {
    servers: urls.map(({ host }) => host),
    hosts: urls.map(({ host }) => host).join(', '),
    user: password ? name : undefined,
    pass: password ? decodeURIComponent(password) : undefined,
    token: password ? undefined : name,
    tls: urls.some(({ protocol }) => protocol === 'tls:') ? {} : undefined,
  }
}
