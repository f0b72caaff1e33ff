import { type CancellationContext, ERRORS } from '@tus/utils'
import { terminateUpload } from '../core/termination.ts'
import { TusHandler } from './tus-handler.ts'
import { nodeRequest, type TusRequest, uploadIdOf } from './tus-request.ts'

/** DELETE (tus 1.0.0, Termination). */
export class DeleteHandler extends TusHandler {
  async send(request: TusRequest, context: CancellationContext, headers: Headers): Promise<Response> {
    const id = uploadIdOf(request.url)
    if (!id) throw ERRORS.FILE_NOT_FOUND
    const requestId = this.parts.requestIdOf(request.headers)
    await terminateUpload(this.parts, { id, request: nodeRequest(request), requestId }, context)
    return new Response(null, { status: 204, headers })
  }
}
