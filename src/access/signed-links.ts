import { createHmac, timingSafeEqual } from 'node:crypto'

/**
 * What each kind of link opens: links of a video by their names, and the ends of their paths. A page that is embedded has to load what it
 * shows, by the signature that it came with itself.
 */
export const LINK_KINDS = {
  stream: { stream: 'stream' },
  source: { source: 'source' },
  audio: { audio: 'audio' },
  poster: { poster: 'poster', poster_small: 'poster/small' },
  captions: {
    captions: 'captions',
    captions_vtt: 'captions.vtt',
    captions_srt: 'captions.srt',
    chapters_vtt: 'chapters.vtt',
  },
  storyboard: { storyboard: 'storyboard.jpg', storyboard_vtt: 'storyboard.vtt' },
  embed: { embed: 'embed' },
  events: { events: 'events' },
} as const

const EMBEDDED: readonly LinkKind[] = ['stream', 'poster', 'captions', 'storyboard']

export type LinkKind = keyof typeof LINK_KINDS

export function isLinkKind(value: unknown): value is LinkKind {
  return typeof value === 'string' && Object.hasOwn(LINK_KINDS, value)
}

/** Further routes that these links open: no single link leads to them. */
const ALSO_OPENED: Partial<Record<LinkKind, readonly string[]>> = { captions: ['captions/:file'] }

/** Whether a link of this kind opens what a route below `/videos/:id/` leads to. */
export function opens(kind: LinkKind, path: string): boolean {
  const kinds = kind === 'embed' ? [kind, ...EMBEDDED] : [kind]
  return kinds.some(each =>
    [...Object.values<string>(LINK_KINDS[each]), ...(ALSO_OPENED[each] ?? [])].includes(path),
  )
}

export interface SignedLink {
  readonly videoId: string
  readonly kind: LinkKind
  /** Seconds since 1970. */
  readonly expires: number
}

/** Signs links that open one video for a time, for whoever has them: a `<video>` sends no header. */
export class LinkSigner {
  readonly #secrets: readonly string[]

  /** @param secrets the first signs, all are good: so they can be changed one after the other. */
  constructor(secrets: readonly string[]) {
    this.#secrets = secrets
  }

  /** @returns the query that goes with the link's path. */
  sign(link: SignedLink): string {
    const signature = mac(this.#secrets[0]!, link).toString('base64url')
    return new URLSearchParams({ kind: link.kind, expires: String(link.expires), signature }).toString()
  }

  /** Whether a signature was made for this very link, whether or not it has expired. In constant time. */
  verify(link: SignedLink, signature: string): boolean {
    const given = Buffer.from(signature, 'base64url')
    // Not short-circuited: the time does not tell which of the secrets it was.
    const results = this.#secrets.map(secret => {
      const expected = mac(secret, link)
      return given.length === expected.length && timingSafeEqual(given, expected)
    })
    // Only the one form that it is given out in.
    return results.includes(true) && given.toString('base64url') === signature
  }
}

function mac(secret: string, { videoId, kind, expires }: SignedLink): Buffer {
  return createHmac('sha256', secret).update(`longtake link 1\n${videoId}\n${kind}\n${expires}`).digest()
}
