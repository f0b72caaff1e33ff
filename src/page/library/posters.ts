import { useEffect, useState } from 'preact/hooks'
import { request } from '../api/http.ts'
import { isSignedIn } from '../api/session.ts'

/** Posters that are kept: more than any screen shows. */
const KEPT = 300
/** Milliseconds that a card has to stay: who scrolls fast asks for nothing. */
const PATIENCE = 120

const kept = new Map<string, string>()

/** The address of a poster as an `<img>` can load it, which says nothing of who asks: fetched where somebody has signed in. */
export function usePoster(link: string | null): string | undefined {
  const plain = isSignedIn() ? undefined : (link ?? undefined)
  const [fetched, setFetched] = useState<string>()
  useEffect(() => {
    if (plain || !link) return
    setFetched(kept.get(link))
    if (kept.has(link)) return
    const stop = new AbortController()
    const timer = setTimeout(() => {
      request(link, { signal: stop.signal })
        .then(answer => answer.blob())
        .then(
          blob => setFetched(keep(link, blob)),
          () => {},
        )
    }, PATIENCE)
    return () => {
      clearTimeout(timer)
      stop.abort()
    }
  }, [plain, link])
  return plain ?? fetched
}

function keep(link: string, blob: Blob): string {
  const address = URL.createObjectURL(blob)
  kept.set(link, address)
  const [oldest] = kept
  if (kept.size > KEPT && oldest) {
    kept.delete(oldest[0])
    URL.revokeObjectURL(oldest[1])
  }
  return address
}
