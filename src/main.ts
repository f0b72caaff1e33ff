import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { Logger } from 'pino'
import { StartError } from './base/errors.ts'
import { createLog, scrubber, secretsOf } from './base/log.ts'
import { graceS, SteadyClock } from './base/steady-clock.ts'
import type { Config } from './config/config.ts'
import { loadConfig } from './config/load.ts'
import { listenError, requireFreeAddress } from './http/listen-address.ts'
import { createServer } from './http/server.ts'
import { Relay } from './messaging/relay.ts'
import { type SandboxAbilities, sandboxAbilities } from './processing/programs/sandbox.ts'
import { SpeechWatch } from './processing/speech/speech-watch.ts'
import { createSteps } from './processing/steps.ts'
import { Worker } from './processing/worker/worker.ts'
import { requireWorkerNeeds } from './processing/worker/worker-needs.ts'
import { openRuntime, openSpeechToText, type Runtime } from './runtime.ts'
import { FinalUploads } from './uploads/core/final-uploads.ts'
import { UploadSweeper } from './uploads/core/sweeper.ts'
import { UploadStore } from './uploads/core/upload-store.ts'
import { Recordings } from './uploads/recordings/recordings.ts'
import { SourceWatch } from './videos/catalogue/source-watch.ts'
import { dropLeases } from './videos/pipeline/leases.ts'
import { WebhookSender } from './webhooks/webhook-sender.ts'

/** How long a stop may take before the process ends all the same, in milliseconds. */
const STOP_LIMIT = 15_000

type Stop = () => Promise<void>

/** Starts the roles that the settings name. @returns what stops them, in reverse order. */
async function start(config: Config, log: Logger): Promise<Stop> {
  // What is wrong with the settings is told before anything is created.
  if (config.role !== 'worker') await requireFreeAddress(config)
  // The data directory is there when this returns.
  const opening = openRuntime(config, log)
  // While the database opens, which takes longer.
  const needs = config.role === 'api' ? undefined : requireWorkerNeeds(workDirectory(config), log)
  needs?.catch(() => {})
  const runtime = await opening
  const stops: Stop[] = [() => runtime.close()]
  const stop = async () => {
    for (const one of stops.splice(0).reverse()) await one()
  }
  try {
    if (runtime.exclusive) await startDoctor(config, runtime, log, stops)
    const relay = new Relay(runtime.db, runtime.queue, log)
    relay.start()
    stops.push(() => relay.stop())
    const sender = new WebhookSender({ db: runtime.db, log, allowPrivate: config.webhookAllowPrivate })
    sender.start()
    stops.push(() => sender.stop())
    const onCommit = () => {
      relay.wake()
      sender.wake()
    }
    const sandbox = config.role === 'api' ? undefined : await findSandbox(log)
    await needs
    const worker =
      config.role === 'api' ? undefined : await startWorker(config, runtime, onCommit, log, stops)
    if (config.role === 'worker') log.info('working')
    else await startApi(config, runtime, onCommit, worker, sandbox, log, stops)
    return stop
  } catch (error) {
    await stop()
    throw error
  }
}

function workDirectory({ dataDir }: Config): string {
  return join(dataDir, 'tmp')
}

/** The command `doctor` cannot open a database that serves one process: it asks this one. */
async function startDoctor({ dataDir }: Config, runtime: Runtime, log: Logger, stops: Stop[]): Promise<void> {
  const { serveDoctor } = await import('./doctor/local-socket.ts')
  try {
    stops.push(await serveDoctor({ ...runtime, dataDir }, log))
  } catch (err) {
    log.warn({ err }, 'the command doctor cannot look while this service runs')
  }
}

/** Media programs run without what the system does not offer: whoever runs the service should know. */
async function findSandbox(log: Logger): Promise<SandboxAbilities> {
  const sandbox = await sandboxAbilities()
  if (sandbox.missing.length === 0) log.info({ present: sandbox.present }, 'the sandbox is complete')
  else log.warn(sandbox, 'the sandbox is not complete')
  return sandbox
}

async function startWorker(
  config: Config,
  runtime: Runtime,
  onCommit: () => void,
  log: Logger,
  stops: Stop[],
): Promise<Worker> {
  // Nobody else can have been working: what says that it runs was cut off with the process before this one.
  if (runtime.exclusive) await dropLeases(runtime.db)
  const { speechToText, sweepInterval } = config
  const engine = await openSpeechToText(config)
  const worker = new Worker({
    ...runtime,
    log,
    steps: createSteps(engine, sweepInterval),
    workDirectory: workDirectory(config),
    sweepInterval,
    onCommit,
  })
  worker.start()
  stops.push(() => worker.stop())
  const check = speechToText?.check ?? false
  const onResume = () => worker.sweep()
  const watch = new SpeechWatch({ db: runtime.db, log, engine, check, intervalS: sweepInterval, onResume })
  watch.start()
  stops.push(() => watch.stop())
  return worker
}

async function startApi(
  config: Config,
  runtime: Runtime,
  onCommit: () => void,
  worker: Worker | undefined,
  sandbox: SandboxAbilities | undefined,
  log: Logger,
  stops: Stop[],
): Promise<void> {
  const { db, storage, reserve, locks, apiLock } = runtime
  const isAlone = apiLock?.isHeld ?? (() => true)
  const limits = { maxUnfinished: config.maxUnfinishedUploads, quota: config.storageQuota }
  const expiry = config.uploadExpiry
  const store = new UploadStore({ db, storage, reserve, locks, expiry, limits, onCommit })
  const finals = new FinalUploads({ db, storage, store })
  const recordings = new Recordings({ db, storage, reserve, store, locks, maxSize: config.maxUploadSize })
  const sources = new SourceWatch(db, storage)
  const sweeper = new UploadSweeper({
    db,
    storage,
    reserve,
    store,
    locks,
    finals,
    recordings,
    sources,
    clock: new SteadyClock(graceS(expiry)),
    log,
    interval: config.sweepInterval,
  })
  sweeper.start()
  stops.push(() => sweeper.stop())
  const stop = new AbortController()
  const server = await createServer({
    ...runtime,
    config,
    store,
    locks,
    finals,
    recordings,
    sources,
    log,
    onCommit,
    onDue: () => worker?.sweep(),
    isAlone,
    sandbox,
    stop: stop.signal,
  })
  stops.push(async () => {
    stop.abort()
    // Uploads in flight end first, with what they have in safety; their clients resume at the next start.
    const closed = server.close()
    await locks.releaseAll()
    await closed
  })
  await server.listen({ host: config.host, port: config.port }).catch(error => {
    throw listenError(config, error)
  })
  const { address, family, port } = server.server.address() as AddressInfo
  const url = `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`
  log.info({ url }, 'listening')
  process.stdout.write(
    `Longtake listens on ${url}. Upload a video: npm run upload -- FILE${port === 3000 ? '' : ` --url ${url}`}\n`,
  )
}

async function main(): Promise<void> {
  const config = loadConfig(process.env)
  scrub = scrubber(secretsOf(config))
  const log = await createLog(config.logLevel, scrub)
  process.on('uncaughtException', err => {
    log.fatal({ err }, 'unexpected error')
    process.exit(1)
  })
  let stop: Stop | undefined
  const onSignal = (signal: NodeJS.Signals) => {
    // A second signal ends it at once, by default, and so does the first while it starts.
    process.removeAllListeners('SIGINT').removeAllListeners('SIGTERM')
    if (!stop) return process.kill(process.pid, signal)
    log.info({ signal }, 'stopping')
    setTimeout(() => {
      log.error('the stop took too long')
      process.exit(1)
    }, STOP_LIMIT).unref()
    stop().then(
      () => process.exit(0),
      err => {
        log.error({ err }, 'the stop failed')
        process.exit(1)
      },
    )
  }
  // Before the start: whoever reads that it listens may end it in the same moment.
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal)
  stop = await start(config, log)
}

/** Takes credentials out of what is printed. The secrets of the settings are known once those are read. */
let scrub = scrubber([])

main().catch(error => {
  const text = error instanceof StartError ? error.message : String((error as Error)?.stack ?? error)
  process.stderr.write(`${scrub(text)}\n`)
  process.exit(1)
})
