import type { IncomingMessage } from 'node:http'
import type { Server } from '@tus/server'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { ApiError, notFound } from '../../base/errors.ts'
import { fieldOf } from '../../base/header-fields.ts'
import type { DraftServer } from '../../uploads/ietf/ietf-upload-server.ts'
import { takeAnyBody } from '../any-body.ts'
import { preferredType } from '../negotiation.ts'

/** How long a body may pause, in milliseconds; the bytes that came are kept and the client can resume. */
const IDLE_LIMIT = 60_000

/** Carries the request's id into the tus server's hooks, which see headers only; a client's own is replaced. */
export const REQUEST_ID = 'longtake-request-id'

export interface UploadRouteParts {
  readonly tus: Server
  readonly draft: DraftServer
}

const VISITED = ['application/json', 'text/html'] as const
const ROUTES = ['/uploads', '/uploads/:id']
const UPLOAD_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** Whether a request goes to the upload protocols. */
export function isUploadRoute({ routeOptions }: FastifyRequest): boolean {
  return ROUTES.some(route => route === routeOptions.url)
}

/**
 * tus 1.0.0 and the IETF's draft at `/uploads`. Their servers read and answer the raw request: Fastify routes, logs and steps aside.
 */
export async function uploadRoutes(app: FastifyInstance, { tus, draft }: UploadRouteParts): Promise<void> {
  takeAnyBody(app)
  for (const url of ROUTES) {
    app.route<{ Params: { id?: string } }>({
      method: ['POST', 'PATCH', 'HEAD', 'GET', 'DELETE', 'OPTIONS'],
      exposeHeadRoute: false,
      url,
      schema: { hide: true },
      handler: async (request, reply) => {
        const { raw } = request
        refuseVisitor(request)
        hideHeaders(raw, request.id)
        raw.method = uploadMethodOf(raw)
        raw.url = pathOf(request.params.id)
        const protocol = await draft.protocolOf(raw)
        if (!protocol) throw notFound('The upload')
        const { socket } = raw
        const onIdle = () => raw.destroy(new Error('the body paused for too long'))
        socket.setTimeout(IDLE_LIMIT).on('timeout', onIdle)
        reply.hijack()
        // An answer that finds its connection closed is nobody's any more; unheard, the error would end this process.
        reply.raw.on('error', err => request.log.debug({ err }, 'the answer could not be sent'))
        passHeaders(reply)
        // A client of the draft that only asks what there is may have said nothing that tells it from one of tus.
        const limits = raw.method === 'OPTIONS' && draft.limits(raw)
        if (limits) reply.raw.setHeader('Upload-Limit', limits)
        // Node sets the time limit of a kept connection itself, once the answer is out.
        const handled =
          protocol === 'ietf' ? draft.handle(raw, reply.raw, request.id) : tus.handle(raw, reply.raw)
        await handled.finally(() => socket.off('timeout', onIdle))
      },
    })
  }
}

/**
 * tus 1.0.0, X-HTTP-Method-Override: it "MUST be interpreted as the request's method by the Server", and "the actual method of the
 * request MUST be ignored". Java's own HTTP client, which tus-java-client uses, knows no PATCH.
 */
export function uploadMethodOf({ method, headers }: IncomingMessage): string | undefined {
  return fieldOf(headers, 'X-HTTP-Method-Override')?.toUpperCase() ?? method
}

/** A person who opens the address of an upload, or a link for one, in a browser. The protocols define no GET. @throws ApiError 404 */
function refuseVisitor({ raw, headers }: FastifyRequest): void {
  if (uploadMethodOf(raw) !== 'GET' || preferredType(headers.accept, VISITED) !== 'text/html') return
  throw new ApiError(404, 'not_found', 'This address is for programs that upload (tus 1.0.0).')
}

/**
 * What the guard has looked at is all that the protocols' servers see: they read addresses in other ways than the router, which would let
 * one and the same request be for one upload here and for another there.
 */
function pathOf(id: string | undefined): string {
  if (id === undefined) return '/uploads'
  return UPLOAD_ID.test(id) ? `/uploads/${id}` : '/uploads/unknown'
}

/** Headers that every answer has. */
function passHeaders(reply: FastifyReply): void {
  for (const [name, value] of Object.entries(reply.getHeaders()))
    if (value !== undefined) reply.raw.setHeader(name, value)
}

/**
 * @tus/server checks headers more strictly than clients write them (an empty Upload-Metadata, a media type in upper case, the
 * X-Forwarded-Proto of some proxies). It checks those in `rawHeaders`, so that it finds none there; the handlers read `headers`.
 */
function hideHeaders(raw: IncomingMessage, requestId: string): void {
  raw.rawHeaders = [REQUEST_ID, requestId]
  raw.headers[REQUEST_ID] = requestId
}
