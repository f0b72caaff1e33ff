import { useEffect, useState } from 'preact/hooks'
import { requestJson } from './http.ts'
import { isSignedIn } from './session.ts'
import type { Video } from './videos.ts'

/** What a link can be signed for. */
type LinkKind = 'stream' | 'source' | 'audio' | 'poster' | 'captions' | 'storyboard' | 'embed'
type SignedName =
  | Exclude<LinkKind, 'storyboard'>
  | 'captions_vtt'
  | 'chapters_vtt'
  | 'captions_srt'
  | 'storyboard'
  | 'storyboard_vtt'

/** Seconds: longer than anybody watches at a stretch. */
const LIFE = 12 * 60 * 60

/** Links for what sends no header: tags of the document, and other people's browsers. @param life seconds */
export async function signLinks(
  { links }: Video,
  kinds: readonly LinkKind[],
  life = LIFE,
): Promise<Readonly<Record<SignedName, string>>> {
  const signed = await requestJson<{ links: Readonly<Record<SignedName, string>> }>(`${links.self}/links`, {
    method: 'POST',
    json: { kinds, expires_in: life },
  })
  return signed.links
}

export interface MediaLinks {
  readonly links: Video['links']
  /** Milliseconds since 1970 from which on they open nothing; never where they are not signed. */
  readonly expires: number
}

/** The links of a video as a player can use them: signed where somebody has signed in. Undefined until that is done. */
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
    let over = false
    const expires = Date.now() + LIFE * 1000
    setProblem(undefined)
    signLinks(video, ['stream', 'poster', 'captions', 'storyboard']).then(
      links => over || setSigned({ links: { ...video.links, ...links }, expires }),
      error => over || setProblem(error),
    )
    return () => {
      over = true
    }
  }, [Boolean(plain), video.id, poster, captions_vtt, storyboard, attempt])
  return { media: plain ?? signed, problem, renew: () => setAttempt(attempt + 1) }
}
