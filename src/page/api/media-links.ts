import { useEffect, useState } from 'preact/hooks'
import type { components } from './api-types.d.ts'
import { requestJson } from './http.ts'
import { isSignedIn } from './session.ts'
import type { LinkKind, SignedLinks, Video } from './types.ts'

/** Longer than anyone watches without a break. */
const LIFETIME_S = 12 * 60 * 60

/** Signs links for requests that carry no credential, such as those of media elements. @throws Problem */
export async function signLinks(
  { links }: Video,
  kinds: readonly LinkKind[],
  lifetimeS = LIFETIME_S,
): Promise<SignedLinks> {
  const signed = await requestJson<components['schemas']['SignedLinks']>(`${links.self}/links`, {
    method: 'POST',
    json: { kinds, expires_in: lifetimeS },
  })
  return signed.links
}

/** The links of a video that a media element can load; null if the video has no such file. */
export type PlayerLinks = { readonly [Name in keyof Video['links']]: string | null }

export interface MediaLinks {
  readonly links: PlayerLinks
  /** Time at which the links expire, in milliseconds since 1970; infinite if they are not signed. */
  readonly expiresMs: number
}

/** The links of a video for the player, signed if the user has signed in. `media` is undefined until the server has signed them. */
export function useMediaLinks(video: Video): {
  media: MediaLinks | undefined
  problem: unknown
  renew: () => void
} {
  const plain = isSignedIn() ? undefined : { links: video.links, expiresMs: Number.POSITIVE_INFINITY }
  const [signed, setSigned] = useState<MediaLinks>()
  const [problem, setProblem] = useState<unknown>()
  const [attempt, setAttempt] = useState(0)
  const { poster, captions_vtt, storyboard } = video.links
  useEffect(() => {
    if (plain) return
    let isClosed = false
    const expiresMs = Date.now() + LIFETIME_S * 1000
    setProblem(undefined)
    signLinks(video, ['stream', 'poster', 'captions', 'storyboard']).then(
      links => isClosed || setSigned({ links: { ...video.links, ...links }, expiresMs }),
      error => isClosed || setProblem(error),
    )
    return () => {
      isClosed = true
    }
  }, [Boolean(plain), video.id, poster, captions_vtt, storyboard, attempt])
  return { media: plain ?? signed, problem, renew: () => setAttempt(attempt + 1) }
}
