import { useEffect, useState } from 'preact/hooks'
import type { components } from './api-types.d.ts'
import { requestJson } from './http.ts'
import { isSignedIn } from './session.ts'
import type { LinkKind, SignedLinks, Video } from './types.ts'

/** Longer than anyone watches at a stretch. */
const LIFETIME_S = 12 * 60 * 60

/** Links for clients that send no credential: elements of the document, and other people's browsers. @throws Problem */
export async function signLinks(
  { links }: Video,
  kinds: readonly LinkKind[],
  lifetimeSeconds = LIFETIME_S,
): Promise<SignedLinks> {
  const signed = await requestJson<components['schemas']['SignedLinks']>(`${links.self}/links`, {
    method: 'POST',
    json: { kinds, expires_in: lifetimeSeconds },
  })
  return signed.links
}

/** The links of a video that a media element can load; null if the video has no such file. */
export type PlayerLinks = { readonly [Name in keyof Video['links']]: string | null }

export interface MediaLinks {
  readonly links: PlayerLinks
  /** Time at which the links expire, in milliseconds since 1970; infinite if they are not signed. */
  readonly expires: number
}

/** The links of a video as a player can use them: signed if someone has signed in. `media` is undefined until the server has signed them. */
export function useMediaLinks(video: Video): {
  media: MediaLinks | undefined
  problem: unknown
  renew: () => void
} {
  const plain = isSignedIn() ? undefined : { links: video.links, expires: Number.POSITIVE_INFINITY }
  const [signed, setSigned] = useState<MediaLinks>()
  const [problem, setProblem] = useState<unknown>()
  const [attempt, setAttempt] = useState(0)
  const { poster, captions_vtt, storyboard } = video.links
  useEffect(() => {
    if (plain) return
    let left = false
    const expires = Date.now() + LIFETIME_S * 1000
    setProblem(undefined)
    signLinks(video, ['stream', 'poster', 'captions', 'storyboard']).then(
      links => left || setSigned({ links: { ...video.links, ...links }, expires }),
      error => left || setProblem(error),
    )
    return () => {
      left = true
    }
  }, [Boolean(plain), video.id, poster, captions_vtt, storyboard, attempt])
  return { media: plain ?? signed, problem, renew: () => setAttempt(attempt + 1) }
}
