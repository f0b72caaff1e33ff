import type { FastifyRequest } from 'fastify'

/** The codings of answers, the one that compresses best first. */
export const CODINGS = ['br', 'gzip'] as const
export type Coding = (typeof CODINGS)[number]

const CODED = new RegExp(`-(?:${CODINGS.join('|')})"`, 'g')

/** Each coding is a representation of its own and needs a tag of its own (RFC 9110 §8.8.3.3): `"3"` becomes `"3-br"`. */
export function codedTag(etag: string, coding: Coding): string {
  return etag.replace(/"$/, `-${coding}"`)
}

/**
 * Removes the coding from the entity tags of a request's conditions: routes compare the tags of the content itself, and a change is
 * made of the same content whatever its coding was. Not from If-Range, because ranges count the bytes of one representation.
 */
export function readCodedTags({ headers }: FastifyRequest): void {
  for (const name of ['if-match', 'if-none-match'] as const) {
    const value = headers[name]
    if (value !== undefined) headers[name] = value.replaceAll(CODED, '"')
  }
}

/** The tag for a 304: the one that the client has sent, if that names the same content in a coding. */
export function tagAsSent({ raw }: FastifyRequest, etag: string): string {
  const at = raw.rawHeaders.findIndex((name, index) => index % 2 === 0 && /^if-none-match$/i.test(name))
  const sent = at < 0 ? '' : raw.rawHeaders[at + 1]!
  return CODINGS.map(coding => codedTag(etag, coding)).find(tag => sent.includes(tag)) ?? etag
}
