import type { FastifyHelmetOptions } from '@fastify/helmet'
import type { Config } from '../config/config.ts'

const YEAR_S = 31_536_000

/** Headers of every response. Responses that browsers show set their own policy: media, the web page, the embedded player. */
export function securityHeaders({ publicUrl }: Config): FastifyHelmetOptions {
  const isSecure = publicUrl?.startsWith('https:') ?? false
  return {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
    },
    xFrameOptions: { action: 'deny' },
    // Only if browsers certainly use TLS; not for other services on subdomains.
    strictTransportSecurity: isSecure && { maxAge: YEAR_S, includeSubDomains: false },
  }
}
