import type { IncomingMessage } from 'node:http'
import type { Config } from '../../config/config.ts'
import { mayBeInformed } from './interop.ts'

/** Headers that proxies, gateways and content delivery networks add, and browsers and apps do not. */
const PROXY_HEADERS =
  /^(via|forwarded|x-forwarded-.+|x-real-ip|x-original-.+|x-envoy-.+|x-amz-cf-id|x-amzn-trace-id|x-azure-.+|x-client-ip|x-cluster-client-ip|x-proxy-.+|true-client-ip|client-ip|fastly-.+|cf-.+|cdn-loop|front-end-https|max-forwards|proxy-connection)$/

/**
 * Whether 104 (Upload Resumption Supported) may be sent. It is optional, and some proxies break on it: nginx 1.22 takes it for the final
 * response. So it goes only to clients that seem to be connected directly. nginx with default settings is recognized by `Connection: close`,
 * which no client that wants to resume sends.
 */
export function mayInform(request: IncomingMessage, policy: Config['uploadInformational']): boolean {
  if (policy === 'never' || !mayBeInformed(request)) return false
  return policy === 'always' || isDirect(request)
}

function isDirect({ headers }: IncomingMessage): boolean {
  const closes = /\bclose\b/i.test(headers.connection ?? '')
  return !closes && !Object.keys(headers).some(name => PROXY_HEADERS.test(name))
}
