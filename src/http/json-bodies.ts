import type { FastifyInstance } from 'fastify'
import { ApiError } from '../base/errors.ts'
import { isJsonType, isPlain } from '../base/header-fields.ts'
import { isStreamed, isUploadRoute } from './route-policy.ts'

/** Maximum depth of nested arrays and objects. A transcript has five levels. */
const MAX_DEPTH_LEVELS = 20
/** Time limit for receiving a whole body. A slower client only occupies its connection. */
const MAX_BODY_MS = 60_000

/** Makes JSON the default type of bodies. An empty body counts as absent. */
export function jsonBodies(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error')
  app.removeContentTypeParser('text/plain')
  // Types with the suffix +json are JSON too, such as application/merge-patch+json for PATCH of a video.
  for (const type of ['application/json', /^application\/[^;]+\+json/])
    app.addContentTypeParser<string>(type, { parseAs: 'string' }, (request, body, done) => {
      if (body === '') done(null, undefined)
      else if (isDeep(body))
        done(new ApiError(400, 'invalid_request', `The JSON has more than ${MAX_DEPTH_LEVELS} levels.`))
      else parse(request, body, done)
    })
  app.addHook('preParsing', async request => {
    const { raw } = request
    if (isStreamed(request) || !isJsonType(raw.headers['content-type'])) return
    const late = setTimeout(() => raw.destroy(), MAX_BODY_MS)
    raw.once('close', () => clearTimeout(late))
  })
  app.addHook('preParsing', async (request, reply) => {
    if (isPlain(request.headers['content-encoding']) || isUploadRoute(request)) return
    // RFC 9110 §12.5.3: the codings that the service accepts.
    reply.header('accept-encoding', 'identity')
    throw new ApiError(
      415,
      'unsupported_coding',
      'Content-Encoding is not supported. Send the body uncompressed.',
      'content-encoding',
    )
  })
}

const [QUOTE, BACKSLASH] = [0x22, 0x5c]
const OPENING = new Set([0x5b, 0x7b])
const CLOSING = new Set([0x5d, 0x7d])

/** The depth is checked before parsing, because each parsed level needs many times the memory of its text. */
function isDeep(json: string): boolean {
  let [depth, inString] = [0, false]
  for (let at = 0; at < json.length; at++) {
    const code = json.charCodeAt(at)
    if (code === QUOTE) inString = !inString
    else if (inString) at += Number(code === BACKSLASH)
    else if (OPENING.has(code)) {
      if (++depth > MAX_DEPTH_LEVELS) return true
    } else if (CLOSING.has(code)) depth--
  }
  return false
}
