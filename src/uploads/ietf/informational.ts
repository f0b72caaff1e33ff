import type { IncomingMessage } from 'node:http'
import type { Config } from '../../config/config.ts'
import { mayBeInformed } from './interop.ts'

/** Headers that only proxies, gateways and content delivery networks send. */
const PROXY_HEADERS =
  /^(via|forwarded|x-forwarded-.+|x-real-ip|x-original-.+|x-envoy-.+|x-amz-cf-id|x-amzn-trace-id|x-azure-.+|x-client-ip|x-cluster-client-ip|x-proxy-.+|true-client-ip|client-ip|fastly-.+|cf-.+|cdn-loop|front-end-https|max-forwards|proxy-connection)$/

/**
 * Whether the server may send 104 (Upload Resumption Supported). The response is optional, and some proxies handle it wrongly: nginx 1.22
 * treats it as the final response. So it is sent only to clients that seem to be connected directly. nginx with default settings sends
 * `Connection: close`; no client that wants to resume does.
 */
export function mayInform(request: IncomingMessage, policy: Config['uploadInformational']): boolean {
  if (policy === 'never' || !mayBeInformed(request)) return false
  return policy === 'always' || isDirect(request)
}

function isDirect({ headers }: IncomingMessage): boolean {
  const closes = /\bclose\b/i.test(headers.connection ?? '')
  return !closes && !Object.keys(headers).some(name => PROXY_HEADERS.test(name))
}
