import Fastify, { type FastifyInstance, LogController } from 'fastify'
import type { Logger } from 'pino'
import { v7 as uuid } from 'uuid'
import type { Config } from '../config/config.ts'
import { handleBadHttp } from './bad-http.ts'
import { basePath } from './html.ts'
import { badUrlHandler } from './problem.ts'
import { badOldUrlHandler } from './routes/compatibility/bad-url.ts'
import { buildSerializer } from './serialization.ts'

/** The Fastify app, without hooks and routes. */
export function newApp(config: Config, log: Logger): FastifyInstance {
  const badUrl = badUrlHandler(basePath(config.publicUrl ?? ''))
  return Fastify({
    // Fastify logs at this level only that it listens, which `main.ts` logs itself.
    loggerInstance: log.child({}, { level: log.isLevelEnabled('info') ? 'warn' : log.level }),
    childLoggerFactory: (_logger, bindings, options) => log.child(bindings, options),
    genReqId: () => uuid(),
    // `logRequests` writes one line per request.
    logController: new LogController({ requestIdLogLabel: 'request_id', disableRequestLogging: true }),
    routerOptions: { ignoreTrailingSlash: true },
    // Uploads can take hours. Their route ends those that pause for too long.
    requestTimeout: 0,
    // `requireFraming` rejects requests without a Host, with a problem like all other errors.
    http: { requireHostHeader: false },
    trustProxy: config.trustedProxies.length > 0 && [...config.trustedProxies],
    frameworkErrors: config.compatibility ? badOldUrlHandler(badUrl) : badUrl,
    clientErrorHandler: handleBadHttp,
    schemaController: { compilersFactory: { buildSerializer } },
    forceCloseConnections: 'idle',
    // `rejectWhenStopping` sends a problem and Retry-After.
    return503OnClosing: false,
  }) as unknown as FastifyInstance
}
