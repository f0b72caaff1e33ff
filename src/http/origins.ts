/**
 * Decides which web pages may call the service from a browser: those of the configured origins.
 * @param allowed origins, or `*` for all.
 * @param options.local whether pages of this machine may call it too, for development.
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
