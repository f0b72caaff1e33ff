import type { IncomingHttpHeaders } from 'node:http'

/** The value of a field without surrounding white space; undefined if it is absent or empty, because some clients send an empty field for "none". */
export function fieldOf(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name.toLowerCase()]
  return String(value ?? '').trim() || undefined
}

/**
 * The elements of a list field, also if it was sent in several lines (RFC 9110 §5.3, §5.6.1), without empty elements and surrounding white
 * space. Commas in quoted strings are part of an element.
 */
export function listElements(value: string | readonly string[] | undefined): string[] {
  return splitOutsideQuotes(Array.isArray(value) ? value.join(',') : String(value ?? ''), ',')
}

export interface MediaType {
  /** Type and subtype in lower case, such as `video/mp4`. */
  readonly essence: string
  /** By name in lower case. Values are without quotation marks. */
  readonly parameters: ReadonlyMap<string, string>
}

const ESSENCE = /^[\w!#$%&'*+.^`|~-]+\/[\w!#$%&'*+.^`|~-]+$/

/** Parses `Content-Type` (RFC 9110 §8.3.1). @returns undefined if it is absent or malformed. */
export function mediaTypeOf(value: string | undefined): MediaType | undefined {
  const [essence = '', ...parameters] = splitOutsideQuotes(value ?? '', ';')
  if (!ESSENCE.test(essence)) return undefined
  return { essence: essence.toLowerCase(), parameters: new Map(parameters.map(parameterOf)) }
}

/** Whether a `Content-Type` is one of these media types, in any case and with any parameters. */
export function isMediaType(value: string | undefined, ...essences: readonly string[]): boolean {
  const essence = mediaTypeOf(value)?.essence
  return essence !== undefined && essences.includes(essence)
}

/** Whether a `Content-Type` is JSON, or a format on top of it (RFC 6839 §3.1) such as `application/merge-patch+json`. */
export function isJsonType(value: string | undefined): boolean {
  return /^application\/(.+\+)?json$/.test(mediaTypeOf(value)?.essence ?? '')
}

/** Whether a `Content-Encoding` does not change the bytes (RFC 9110 §8.4). */
export function isPlain(value: string | undefined): boolean {
  return listElements(value).every(coding => coding.toLowerCase() === 'identity')
}

function parameterOf(text: string): [name: string, value: string] {
  const [name = '', ...rest] = text.split('=')
  const value = rest.join('=').trim()
  const [, quoted] = /^"((?:[^"\\]|\\.)*)"$/s.exec(value) ?? []
  return [name.trim().toLowerCase(), quoted?.replaceAll(/\\(.)/gs, '$1') ?? value]
}

/** An unterminated quoted string extends to the end of the value. */
function splitOutsideQuotes(value: string, separator: string): string[] {
  const elements: string[] = []
  let [start, inQuotes] = [0, false]
  for (let at = 0; at < value.length; at++) {
    if (value[at] === '"') inQuotes = !inQuotes
    else if (inQuotes) at += Number(value[at] === '\\')
    else if (value[at] === separator) {
      elements.push(value.slice(start, at))
      start = at + 1
    }
  }
  elements.push(value.slice(start))
  return elements.map(element => element.trim()).filter(Boolean)
}
