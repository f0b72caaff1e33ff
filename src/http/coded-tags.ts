import type { FastifyRequest } from 'fastify'

/** The codings of responses, best compression first. */
export const CODINGS = ['br', 'gzip'] as const
export type Coding = (typeof CODINGS)[number]

const CODED = new RegExp(`-(?:${CODINGS.join('|')})"`, 'g')

/** Each coding is a separate representation and needs its own tag (RFC 9110 §8.8.3.3): `"3"` becomes `"3-br"`. */
export function codedTag(etag: string, coding: Coding): string {
  return etag.replace(/"$/, `-${coding}"`)
}

/**
 * Removes the coding from the entity tags in If-Match and If-None-Match, because routes compare the tags of the uncoded content. In If-Range
 * the coding stays, because a range counts the bytes of one representation.
 */
export function readCodedTags({ headers }: FastifyRequest): void {
  for (const name of ['if-match', 'if-none-match'] as const) {
    const value = headers[name]
    if (value !== undefined) headers[name] = value.replaceAll(CODED, '"')
  }
}

/** The entity tag of a 304 response: the client's tag if it names a coding of the same content, otherwise `etag`. */
export function tagAsSent({ raw }: FastifyRequest, etag: string): string {
  const at = raw.rawHeaders.findIndex((name, index) => index % 2 === 0 && /^if-none-match$/i.test(name))
  const sent = at < 0 ? '' : raw.rawHeaders[at + 1]!
  return CODINGS.map(coding => codedTag(etag, coding)).find(tag => sent.includes(tag)) ?? etag
}
