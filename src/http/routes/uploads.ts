import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { ApiError, notFound } from '../../base/errors.ts'
import { isCanonicalId } from '../../base/ids.ts'
import type { Db } from '../../database/schema.ts'
import type { UploadRequest } from '../../uploads/core/upload-request.ts'
import type { IetfUploadServer } from '../../uploads/ietf/ietf-upload-server.ts'
import type { TusServer } from '../../uploads/tus/tus-server.ts'
import { takeAnyBody } from '../any-body.ts'
import { preferredType } from '../negotiation.ts'
import type { RoutePolicy } from '../route-policy.ts'
import { typed } from '../schema-types.ts'
import { uploadMethodOf } from '../upload-method.ts'
import { withOwnIds } from './old-uploads.ts'

/** A request is ended if no bytes of its body arrive for this time. The received bytes are kept, and the client can resume. */
const IDLE_LIMIT_MS = 60_000

export interface UploadRouteDeps {
  readonly db: Db
  readonly tus: TusServer
  readonly ietf: IetfUploadServer
  /** Limit of an upload in bytes. */
  readonly maxSize: number
}

const byUploadId = { type: 'object', properties: { id: { type: 'string' } } } as const
const VISITOR_TYPES = ['application/json', 'text/html'] as const
const ROUTES: readonly { readonly url: string; readonly config: RoutePolicy }[] = [
  { url: '/uploads', config: { access: 'upload', body: 'stream' } },
  { url: '/uploads/:id', config: { access: 'upload', owned: 'uploads', body: 'upload' } },
]

/** tus 1.0.0 and the IETF protocol at `/uploads`. Their servers handle the raw request; Fastify only routes and logs it. */
export async function uploadRoutes(app: FastifyInstance, deps: UploadRouteDeps): Promise<void> {
  const { tus, ietf } = deps
  takeAnyBody(app)
  for (const { url, config } of ROUTES) {
    typed(app).route({
      method: ['POST', 'PATCH', 'HEAD', 'GET', 'DELETE', 'OPTIONS'],
      exposeHeadRoute: false,
      url,
      config,
      schema: { hide: true, params: byUploadId },
      handler: async (request, reply) => {
        refuseVisitor(request)
        const upload = await uploadRequestOf(request, reply, request.params.id ?? '', deps)
        const protocol = await ietf.protocolOf(upload)
        if (!protocol) throw notFound('The upload')
        const { raw } = request
        const { socket } = raw
        const onIdle = () => raw.destroy(new Error('the body paused for too long'))
        socket.setTimeout(IDLE_LIMIT_MS).on('timeout', onIdle)
        reply.hijack()
        // Without a listener, a failed write to a closed connection would crash the process.
        reply.raw.on('error', err => request.log.debug({ err }, 'the response could not be sent'))
        passHeaders(reply)
        // A preflight does not name its protocol, so every OPTIONS response contains the limits of the IETF protocol.
        const limits = upload.method === 'OPTIONS' && ietf.limits(upload)
        if (limits) reply.raw.setHeader('Upload-Limit', limits)
        const handled = protocol === 'ietf' ? ietf.handle(upload) : tus.handle(upload)
        // After the response, Node sets the keep-alive timeout itself.
        await handled.finally(() => socket.off('timeout', onIdle))
      },
    })
  }
}

/** The request as the protocol servers need it, with the owner, the request id and the limits of the upload. */
async function uploadRequestOf(
  request: Pick<FastifyRequest, 'raw' | 'id' | 'method' | 'headers' | 'access' | 'uploadLink'>,
  reply: FastifyReply,
  id: string,
  { db, maxSize }: UploadRouteDeps,
): Promise<UploadRequest> {
  return {
    raw: request.raw,
    response: reply.raw,
    method: uploadMethodOf(request),
    headers: await withOwnIds(request.headers, db),
    // The id that the guard has checked. The protocol servers never parse the path, because they could parse it differently from the router.
    id: isCanonicalId(id) ? id : undefined,
    context: { requestId: request.id, owner: request.access.owner, link: request.uploadLink, maxSize },
  }
}

/** Rejects GET from a browser, because tus defines no GET. @throws ApiError 404 */
function refuseVisitor(request: Pick<FastifyRequest, 'method' | 'headers'>): void {
  if (uploadMethodOf(request) !== 'GET') return
  if (preferredType(request.headers.accept, VISITOR_TYPES) !== 'text/html') return
  throw new ApiError(404, 'not_found', 'This URL is for upload clients (tus 1.0.0).')
}

/** Copies the headers that every response has to the raw response. */
function passHeaders(reply: FastifyReply): void {
  for (const [name, value] of Object.entries(reply.getHeaders()))
    if (value !== undefined) reply.raw.setHeader(name, value)
}
