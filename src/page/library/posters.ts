import { useEffect, useState } from 'preact/hooks'
import { request } from '../api/http.ts'
import { isSignedIn } from '../api/session.ts'

/** More posters than a screen can show. */
const MAX_CACHED = 300
/** Time that a card must be rendered before its poster is loaded. Fast scrolling then loads nothing. */
const DELAY_MS = 120

const cached = new Map<string, string>()

/** A URL for `<img>`. An `<img>` sends no credential, so after a sign-in the page fetches the poster itself. */
export function usePoster(link: string | null): string | undefined {
  const plain = isSignedIn() ? undefined : (link ?? undefined)
  const [fetched, setFetched] = useState<string>()
  useEffect(() => {
    if (plain || !link) return
    setFetched(cached.get(link))
    if (cached.has(link)) return
    const stop = new AbortController()
    const timer = setTimeout(() => {
      request(link, { signal: stop.signal })
        .then(response => response.blob())
        .then(
          blob => setFetched(cache(link, blob)),
          () => {},
        )
    }, DELAY_MS)
    return () => {
      clearTimeout(timer)
      stop.abort()
    }
  }, [plain, link])
  return plain ?? fetched
}

function cache(link: string, blob: Blob): string {
  const address = URL.createObjectURL(blob)
  cached.set(link, address)
  const [oldest] = cached
  if (cached.size > MAX_CACHED && oldest) {
    cached.delete(oldest[0])
    URL.revokeObjectURL(oldest[1])
  }
  return address
}
