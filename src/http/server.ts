import helmet from '@fastify/helmet'
import swagger from '@fastify/swagger'
import type { FastifyInstance } from 'fastify'
import type { Kysely } from 'kysely'
import type { Logger } from 'pino'
import { RequestCounts } from '../access/request-counts.ts'
import { durableSecret } from '../access/secrets.ts'
import { LocalShareCounts, type ShareCounts } from '../access/share-counts.ts'
import { SharedShareCounts } from '../access/shared-share-counts.ts'
import { LinkSigner } from '../access/signed-links.ts'
import type { Signal } from '../base/signal.ts'
import type { Config } from '../config/config.ts'
import type { Schema } from '../database/schema.ts'
import type { Queue } from '../messaging/queue.ts'
import type { ObjectStorage } from '../objects/object-storage.ts'
import type { Reserve } from '../objects/reserve.ts'
import type { FinalUploads } from '../uploads/core/final-uploads.ts'
import type { UploadStore } from '../uploads/core/upload-store.ts'
import { IetfUploadServer } from '../uploads/ietf/ietf-upload-server.ts'
import type { UploadLocks } from '../uploads/locks/upload-locks.ts'
import type { Recordings } from '../uploads/recordings/recordings.ts'
import { TusServer } from '../uploads/tus/tus-server.ts'
import type { SourceWatch } from '../videos/catalogue/source-watch.ts'
import { compressResponses } from './compression.ts'
import { lingerOn, oneAfterAnother } from './connections.ts'
import { allowPages } from './cors.ts'
import { followRequests } from './follow-requests.ts'
import { guard } from './guard.ts'
import { GuestPasses } from './guest-passes.ts'
import { basePath } from './html.ts'
import { jsonBodies } from './json-bodies.ts'
import { newApp } from './new-app.ts'
import { openApi } from './openapi.ts'
import { webhookMessageSchema } from './openapi-webhooks.ts'
import { originCheck } from './origins.ts'
import { setErrorHandlers } from './problem.ts'
import { problemSchema } from './problem-schema.ts'
import { requireFraming } from './request-framing.ts'
import { logRequests } from './request-log.ts'
import { requirePolicies } from './route-policy.ts'
import { binRoutes } from './routes/bin.ts'
import { compatibilityRoutes } from './routes/compatibility/index.ts'
import { oldVideoSchema } from './routes/compatibility/old-video.ts'
import { docsRoutes } from './routes/docs.ts'
import { embedRoute } from './routes/embed.ts'
import { embeddedCaptionRoutes } from './routes/embedded-captions.ts'
import { eventRoutes } from './routes/events.ts'
import { guestRoutes } from './routes/guests.ts'
import { keyRoutes } from './routes/keys.ts'
import { linkRoutes } from './routes/links.ts'
import { listedVideoSchema } from './routes/listed-video.ts'
import { mediaRoutes } from './routes/media.ts'
import { metricsRoute } from './routes/metrics.ts'
import { pageRoutes } from './routes/page.ts'
import { postVideoRoute } from './routes/post-video.ts'
import { recordingSchema } from './routes/recording-view.ts'
import { recordingRoutes } from './routes/recordings.ts'
import { sessionRoutes } from './routes/session.ts'
import { shareLinkRoutes } from './routes/share-links.ts'
import { type StatusDeps, statusRoutes } from './routes/status.ts'
import { revisionSchema, transcriptSchema } from './routes/transcript-view.ts'
import { transcriptRoutes } from './routes/transcripts.ts'
import { uploadRoutes } from './routes/uploads.ts'
import { usageRoute } from './routes/usage.ts'
import { videoChangeRoutes } from './routes/video-changes.ts'
import { deletionByUpload, deletionsSchema, videoDeletionRoutes } from './routes/video-deletion.ts'
import { videoSchema } from './routes/video-schema.ts'
import { videoRoutes } from './routes/videos.ts'
import { webhookSchemas } from './routes/webhook-view.ts'
import { webhookRoutes } from './routes/webhooks.ts'
import { securityHeaders } from './security-headers.ts'
import { rejectWhenStopping } from './stopping.ts'
import { compileValidator } from './validation.ts'
import { VideoWatcher } from './video-watcher.ts'

/** Time limit for responses in progress when the service stops. */
const STOP_GRACE_MS = 3000

export interface ServerDeps {
  readonly config: Config
  readonly db: Kysely<Schema>
  readonly queue: Queue
  readonly storage: ObjectStorage
  readonly reserve: Reserve
  readonly store: UploadStore
  readonly locks: UploadLocks
  readonly finals: FinalUploads
  readonly recordings: Recordings
  readonly sources: SourceWatch
  readonly log: Logger
  readonly signal: Signal
  /** Whether no other process can use this database. */
  readonly exclusive: boolean
  readonly speech: StatusDeps['speech']
  readonly sandbox?: StatusDeps['sandbox']
  readonly requestLogLevel?: 'info' | 'debug'
  /** Aborts when the service stops. */
  readonly stop: AbortSignal
}

/** The HTTP API, with all routes in order. */
export async function createServer(deps: ServerDeps): Promise<FastifyInstance> {
  const { config, db, log } = deps
  const base = config.publicUrl ?? ''
  const isAllowedOrigin = originCheck(config.allowedOrigins, { local: config.auth.kind === 'none' })
  const app = newApp(config, log)
  const requestsEnded = followRequests(app)
  lingerOn(app.server)
  oneAfterAnother(app)
  logRequests(app, deps.requestLogLevel)
  app.setValidatorCompiler(compileValidator)
  requirePolicies(app)
  setErrorHandlers(app, basePath(base))
  compressResponses(app)
  allowPages(app, { ...config, isAllowedOrigin })
  requireFraming(app)
  const schemas = [
    ...[problemSchema, videoSchema, listedVideoSchema, deletionsSchema],
    ...[
      revisionSchema,
      transcriptSchema,
      recordingSchema,
      oldVideoSchema,
      ...webhookSchemas,
      webhookMessageSchema,
    ],
  ]
  for (const schema of schemas) app.addSchema(schema)
  await app.register(swagger, openApi(config))
  await app.register(helmet, securityHeaders(config))
  const signer = new LinkSigner(
    config.linkSecrets.length > 0 ? config.linkSecrets : [await durableSecret(db, 'links')],
  )
  const guests = new GuestPasses(await durableSecret(db, 'guests'), base)
  rejectWhenStopping(app, deps.stop)
  const counts = limitCounts(app, deps)
  await guard(app, { config, db, signer, guests, isAllowedOrigin, ...counts })
  jsonBodies(app)
  // Not registered as a plugin, because the hooks of a plugin apply to its own routes only.
  await metricsRoute(app, deps)

  const watcher = new VideoWatcher(db, log)
  app.addHook('onClose', async () => watcher.close())
  app.addHook('preClose', async () => {
    // A slow client must not delay the stop. It can resume a download with a range.
    setTimeout(() => app.server.closeAllConnections(), STOP_GRACE_MS).unref()
  })
  await addRoutes(app, deps, { base, signer, guests, watcher, ...counts })
  // Fastify calls the hooks from the last to the first, when all connections have ended: the work of requests whose clients have gone ends
  // before the parts that it uses are closed.
  app.addHook('onClose', requestsEnded)
  return app
}

/** The counters for limits, local or shared by all processes. */
function limitCounts(app: FastifyInstance, { exclusive, db, log }: ServerDeps) {
  if (exclusive) return { requestCounts: undefined, shareCounts: new LocalShareCounts() }
  const shareCounts = new SharedShareCounts(db, log)
  app.addHook('onClose', () => shareCounts.close())
  return { requestCounts: new RequestCounts(db, log), shareCounts }
}

interface RouteDeps {
  /** The public URL without a trailing slash, or ''. */
  readonly base: string
  readonly signer: LinkSigner
  readonly guests: GuestPasses
  readonly watcher: VideoWatcher
  readonly shareCounts: ShareCounts
}

/** Adds every route. */
async function addRoutes(
  app: FastifyInstance,
  deps: ServerDeps,
  { base, signer, guests, watcher, shareCounts }: RouteDeps,
): Promise<void> {
  const { config, db, storage, store, locks, finals, log } = deps
  const deleteVideo = deletionByUpload(deps, log)
  const tus = new TusServer({
    store,
    locks,
    finals,
    log,
    maxSize: config.maxUploadSize,
    publicUrl: config.publicUrl,
    deleteVideo,
  })
  const ietf = new IetfUploadServer({
    ...deps,
    maxSize: config.maxUploadSize,
    publicUrl: config.publicUrl,
    deleteVideo,
    informational: config.uploadInformational,
  })
  await app.register(uploadRoutes, { db, tus, ietf, maxSize: config.maxUploadSize })
  await app.register(async rest => {
    await rest.register(statusRoutes, deps)
    await rest.register(postVideoRoute, { ...deps, base, maxSize: config.maxUploadSize })
    await rest.register(recordingRoutes, { ...deps, base })
    await rest.register(videoRoutes, { ...deps, base, shareCounts })
    await rest.register(videoChangeRoutes, { db, store, base })
    await rest.register(videoDeletionRoutes, deps)
    await rest.register(binRoutes, { ...deps, base })
    await rest.register(usageRoute, deps)
    const { accelRedirect, storageRedirect: redirects, embedOrigins } = config
    const mediaOrigin = redirects ? await originOf(storage) : undefined
    await rest.register(mediaRoutes, { db, storage, watcher, accelRedirect, redirects })
    await rest.register(embedRoute, { db, base, embedOrigins, mediaOrigin })
    await rest.register(sessionRoutes, { db, base })
    if (config.oidc) {
      // Loaded only if it is used, because loading it delays the start.
      const { oidcRoutes } = await import('./routes/oidc.ts')
      await rest.register(oidcRoutes, { db, oidc: config.oidc })
    }
    await rest.register(keyRoutes, { db })
    await rest.register(shareLinkRoutes, { db, base })
    await rest.register(guestRoutes, { db, base, mediaOrigin, guests })
    await rest.register(linkRoutes, { db, config, store, signer, base })
    await rest.register(transcriptRoutes, { db, store })
    await rest.register(embeddedCaptionRoutes, { db, storage, base })
    await rest.register(eventRoutes, { db, watcher, base, shareCounts })
    await rest.register(webhookRoutes, {
      db,
      allowPrivate: config.webhookAllowPrivate,
      signal: deps.signal,
      stop: deps.stop,
    })
    await rest.register(docsRoutes, config)
    if (config.compatibility)
      await rest.register(compatibilityRoutes, {
        ...deps,
        prefix: '/api',
        base,
        watcher,
        maxSize: config.maxUploadSize,
        accelRedirect: config.accelRedirect,
      })
    await rest.register(pageRoutes, { base, mediaOrigin, oidc: config.oidc })
  })
}

/** The origin of a storage's addresses, from which pages may load media. */
async function originOf(storage: ObjectStorage): Promise<string> {
  const options = { seconds: 1, contentType: 'video/mp4', disposition: 'inline' }
  return new URL(await storage.signedUrl!('uploads/any', options)).origin
}
