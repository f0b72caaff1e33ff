/** Addresses of NATS servers, and the login. */
export interface NatsAddress {
  /** `host:port` each. */
  readonly servers: string[]
  /** The servers as text for the log, without secrets. */
  readonly hosts: string
  readonly user: string | undefined
  readonly pass: string | undefined
  readonly token: string | undefined
  /** Set if TLS is required. TLS is used in any case if the server offers it. */
  readonly tls: object | undefined
}

/**
 * Reads `nats://user:password@host:port`, or several, separated by commas; the login is that of the first. A user without a password is a
 * token; `tls://` requires TLS. The client library itself reads neither login nor scheme from an address.
 * @throws TypeError if it is not an address
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
