import type { FastifyHelmetOptions } from '@fastify/helmet'
import type { Config } from '../config/config.ts'

/** A year, in seconds. */
const YEAR_S = 31_536_000

/** Headers of every answer. An answer that shows something in a browser sets a policy of its own: media, the web page, what is embedded. */
export function securityHeaders({ publicUrl }: Config): FastifyHelmetOptions {
  const isSecure = publicUrl?.startsWith('https:') ?? false
  return {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
    },
    xFrameOptions: { action: 'deny' },
    // Only where it is known that browsers come by TLS; and not for other services on names below this one.
    strictTransportSecurity: isSecure && { maxAge: YEAR_S, includeSubDomains: false },
  }
}
