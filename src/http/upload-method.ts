import type { IncomingHttpHeaders } from 'node:http'
import { fieldOf } from '../base/header-fields.ts'

/**
 * The method of a request to the upload routes. The value of X-HTTP-Method-Override "MUST be interpreted as the request's method by the
 * Server", and "the actual method of the request MUST be ignored" (tus 1.0.0). tus-java-client needs it: its HTTP client has no PATCH.
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
