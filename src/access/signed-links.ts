import { createHmac, timingSafeEqual } from 'node:crypto'

/** Each kind of signed link, with the names in a video's `links` that it signs. A route declares which kind opens it (`signedLink`). */
export const LINK_KINDS = {
  stream: ['stream'],
  source: ['source'],
  audio: ['audio'],
  poster: ['poster', 'poster_small'],
  captions: ['captions', 'captions_vtt', 'captions_srt', 'chapters_vtt'],
  storyboard: ['storyboard', 'storyboard_vtt'],
  embed: ['embed'],
  events: ['events'],
} as const

/** Kinds that a link of the kind `embed` includes, because the embedded page loads these files with the same signature. */
const EMBEDDED: readonly LinkKind[] = ['stream', 'poster', 'captions', 'storyboard']

export type LinkKind = keyof typeof LINK_KINDS

export function isLinkKind(value: unknown): value is LinkKind {
  return typeof value === 'string' && Object.hasOwn(LINK_KINDS, value)
}

/** Whether a link of this kind opens a route that declares `signedLink`. */
export function covers(kind: LinkKind, signedLink: LinkKind): boolean {
  return kind === signedLink || (kind === 'embed' && EMBEDDED.includes(signedLink))
}

export interface SignedLink {
  readonly videoId: string
  readonly kind: LinkKind
  /** Seconds since 1970. */
  readonly expires: number
}

/** Signs links that give access to one video until they expire, because a `<video>` element cannot send a header. */
export class LinkSigner {
  readonly #secrets: readonly string[]

  /** @param secrets the first one signs; signatures by any of them are accepted, so that secrets can be rotated. */
  constructor(secrets: readonly string[]) {
    this.#secrets = secrets
  }

  /** @returns the query string for the link. */
  sign(link: SignedLink): string {
    const signature = mac(this.#secrets[0]!, link).toString('base64url')
    return new URLSearchParams({ kind: link.kind, expires: String(link.expires), signature }).toString()
  }

  /** Whether the signature is valid for this link, expired or not. Takes constant time. */
  verify(link: SignedLink, signature: string): boolean {
    const given = Buffer.from(signature, 'base64url')
    // All secrets are tried, so that the duration does not reveal which one matched.
    const results = this.#secrets.map(secret => {
      const expected = mac(secret, link)
      return given.length === expected.length && timingSafeEqual(given, expected)
    })
    // Base64 has several forms for the same bytes; only the one that was issued is accepted.
    return results.includes(true) && given.toString('base64url') === signature
  }
}

function mac(secret: string, { videoId, kind, expires }: SignedLink): Buffer {
  return createHmac('sha256', secret).update(`longtake link 1\n${videoId}\n${kind}\n${expires}`).digest()
}
