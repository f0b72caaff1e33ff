import type { FastifyHelmetOptions } from '@fastify/helmet'
import type { Config } from '../config/config.ts'

const YEAR_S = 31_536_000

/** Security headers of every response. Media, the web page and the embedded player set their own Content-Security-Policy. */
export function securityHeaders({ publicUrl }: Config): FastifyHelmetOptions {
  const isSecure = publicUrl?.startsWith('https:') ?? false
  return {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
    },
    xFrameOptions: { action: 'deny' },
    // Only if browsers certainly use TLS. Subdomains may belong to other services.
    strictTransportSecurity: isSecure && { maxAge: YEAR_S, includeSubDomains: false },
  }
}
