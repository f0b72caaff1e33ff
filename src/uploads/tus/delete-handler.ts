import type { CancellationContext } from '@tus/utils'
import { terminateUpload } from '../core/termination.ts'
import type { UploadRequest } from '../core/upload-request.ts'
import { TusHandler } from './tus-handler.ts'

/** DELETE (tus 1.0.0, Termination). */
export class DeleteHandler extends TusHandler {
  protected async handle(request: UploadRequest, { signal }: CancellationContext): Promise<number> {
    await terminateUpload(this.deps, request, signal)
    return 204
  }
}
