/**
 * Which web pages may call the service from a browser: pages of this machine, for development, and the origins that are configured.
 * @param allowed origins, or `*` for all.
 */
export function originCheck(allowed: readonly string[]): (origin: string) => boolean {
  return origin => {
    if (allowed.includes('*') || allowed.includes(origin)) return true
    if (!URL.canParse(origin)) return false
    const { hostname } = new URL(origin)
    return (
      hostname === 'localhost' ||
      hostname === '127.0.0.1' ||
      hostname === '[::1]' ||
      hostname.endsWith('.localhost')
    )
  }
}
