import { isIPv4 } from 'node:net'

/**
 * Which web pages may call the service from a browser: those of the origins that are configured.
 * @param allowed origins, or `*` for all.
 * @param options.local whether pages of this machine may as well, for development.
 */
export function originCheck(
  allowed: readonly string[],
  { local }: { local: boolean },
): (origin: string) => boolean {
  return origin => {
    if (allowed.includes('*') || allowed.includes(origin)) return true
    if (!local || !URL.canParse(origin)) return false
    const { hostname } = new URL(origin)
    return (
      hostname === 'localhost' ||
      hostname === '127.0.0.1' ||
      hostname === '[::1]' ||
      hostname.endsWith('.localhost')
    )
  }
}

/**
 * Whether a request's Host names this service. A foreign page can have a name of its own mean 127.0.0.1 (DNS rebinding), and is then of
 * the same origin to a browser; addresses, and names without a dot, nobody can give away.
 */
export function isOwnHost(host: string | undefined, publicUrl: string | undefined): boolean {
  if (host === undefined || !URL.canParse(`http://${host}`)) return true
  const { hostname } = new URL(`http://${host}`)
  return (
    !hostname.includes('.') ||
    isIPv4(hostname) ||
    hostname.endsWith('.localhost') ||
    (publicUrl !== undefined && hostname === new URL(publicUrl).hostname)
  )
}
