import type { IncomingHttpHeaders } from 'node:http'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { ApiError, notFound } from '../../base/errors.ts'
import { fieldOf } from '../../base/header-fields.ts'
import { isCanonicalId } from '../../base/ids.ts'
import type { Db } from '../../database/schema.ts'
import type { UploadRequest } from '../../uploads/core/upload-request.ts'
import type { IetfUploadServer } from '../../uploads/ietf/ietf-upload-server.ts'
import type { TusServer } from '../../uploads/tus/tus-server.ts'
import { takeAnyBody } from '../any-body.ts'
import { preferredType } from '../negotiation.ts'
import { withOwnIds } from './old-uploads.ts'

/** How long a body may pause. The bytes that came are kept, and the client can resume. */
const IDLE_LIMIT_MS = 60_000

export interface UploadRouteDeps {
  readonly db: Db
  readonly tus: TusServer
  readonly ietf: IetfUploadServer
  /** Bytes that an upload may have. */
  readonly maxSize: number
}

const VISITOR_TYPES = ['application/json', 'text/html'] as const
const ROUTES = [
  { url: '/uploads', config: { access: 'upload', body: 'stream' } },
  { url: '/uploads/:id', config: { access: 'upload', owned: 'uploads', body: 'upload' } },
] as const

/** tus 1.0.0 and the IETF's protocol at `/uploads`. Their servers read and answer the raw request: Fastify only routes and logs it. */
export async function uploadRoutes(app: FastifyInstance, deps: UploadRouteDeps): Promise<void> {
  const { tus, ietf } = deps
  takeAnyBody(app)
  for (const { url, config } of ROUTES) {
    app.route<{ Params: { id?: string } }>({
      method: ['POST', 'PATCH', 'HEAD', 'GET', 'DELETE', 'OPTIONS'],
      exposeHeadRoute: false,
      url,
      config,
      schema: { hide: true },
      handler: async (request, reply) => {
        refuseVisitor(request)
        const upload = await uploadRequestOf(request, reply, deps)
        const protocol = await ietf.protocolOf(upload)
        if (!protocol) throw notFound('The upload')
        const { raw } = request
        const { socket } = raw
        const onIdle = () => raw.destroy(new Error('the body paused for too long'))
        socket.setTimeout(IDLE_LIMIT_MS).on('timeout', onIdle)
        reply.hijack()
        // An answer on a closed connection fails with an error, which would end this process if nothing listened.
        reply.raw.on('error', err => request.log.debug({ err }, 'the answer could not be sent'))
        passHeaders(reply)
        // A preflight need not say which protocol it is for, so every OPTIONS answer has the limits of the IETF's.
        const limits = upload.method === 'OPTIONS' && ietf.limits(upload)
        if (limits) reply.raw.setHeader('Upload-Limit', limits)
        const handled = protocol === 'ietf' ? ietf.handle(upload) : tus.handle(upload)
        // Node sets the time limit of a kept connection itself, after the answer.
        await handled.finally(() => socket.off('timeout', onIdle))
      },
    })
  }
}

/** The one place that makes an upload's context: who sends it, by which request, and how large it may be. */
async function uploadRequestOf(
  request: FastifyRequest<{ Params: { id?: string } }>,
  reply: FastifyReply,
  { db, maxSize }: UploadRouteDeps,
): Promise<UploadRequest> {
  const { id = '' } = request.params
  return {
    raw: request.raw,
    response: reply.raw,
    method: uploadMethodOf(request),
    headers: await withOwnIds(request.headers, db),
    // The id that the guard has checked. The protocols never read the path: they could read it in another way than the router.
    id: isCanonicalId(id) ? id : undefined,
    context: { requestId: request.id, owner: request.access.owner, link: request.uploadLink, maxSize },
  }
}

/**
 * tus 1.0.0, X-HTTP-Method-Override: it "MUST be interpreted as the request's method by the Server", and "the actual method of the
 * request MUST be ignored". Java's own HTTP client, which tus-java-client uses, knows no PATCH.
 */
export function uploadMethodOf({
  method,
  headers,
}: {
  method: string
  headers: IncomingHttpHeaders
}): string {
  return fieldOf(headers, 'X-HTTP-Method-Override')?.toUpperCase() ?? method
}

/** Refuses a person who opens an upload's address in a browser. The protocols define no GET. @throws ApiError 404 */
function refuseVisitor(request: FastifyRequest): void {
  if (uploadMethodOf(request) !== 'GET') return
  if (preferredType(request.headers.accept, VISITOR_TYPES) !== 'text/html') return
  throw new ApiError(404, 'not_found', 'This address is for programs that upload (tus 1.0.0).')
}

/** Passes on the headers that every answer has. */
function passHeaders(reply: FastifyReply): void {
  for (const [name, value] of Object.entries(reply.getHeaders()))
    if (value !== undefined) reply.raw.setHeader(name, value)
}
