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
 * Removes the coding from the entity tags of a request's conditions, because routes compare the tags of the uncoded content. If-Range keeps
 * it, because ranges count the bytes of one representation.
 */
export function readCodedTags({ headers }: FastifyRequest): void {
  for (const name of ['if-match', 'if-none-match'] as const) {
    const value = headers[name]
    if (value !== undefined) headers[name] = value.replaceAll(CODED, '"')
  }
}

/** The tag of a 304: the client's own tag, if that names the same content in a coding. */
export function tagAsSent({ raw }: FastifyRequest, etag: string): string {
  const at = raw.rawHeaders.findIndex((name, index) => index % 2 === 0 && /^if-none-match$/i.test(name))
  const sent = at < 0 ? '' : raw.rawHeaders[at + 1]!
  return CODINGS.map(coding => codedTag(etag, coding)).find(tag => sent.includes(tag)) ?? etag
}
