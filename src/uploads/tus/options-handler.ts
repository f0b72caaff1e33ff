import type { CancellationContext } from '@tus/utils'
import { CHECKSUM_ALGORITHMS } from '../core/checksum.ts'
import { TusHandler } from './tus-handler.ts'
import type { TusRequest } from './tus-request.ts'

/** OPTIONS (tus 1.0.0, Core Protocol): "200 OK or 204 No Content", of which some old clients refuse the second. */
export class OptionsHandler extends TusHandler {
  async send(_request: TusRequest, _context: CancellationContext, headers: Headers): Promise<Response> {
    const { store, maxSize } = this.parts
    const abilities = {
      'Tus-Version': '1.0.0',
      'Tus-Extension': store.extensions.join(),
      'Tus-Max-Size': String(maxSize),
      'Tus-Checksum-Algorithm': CHECKSUM_ALGORITHMS.join(),
      'Content-Length': '0',
    }
    for (const [name, value] of Object.entries(abilities)) headers.set(name, value)
    return new Response(null, { status: 200, headers })
  }
}
