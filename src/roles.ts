import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { isatty } from 'node:tty'
import type { Logger } from 'pino'
import { Loop } from './base/loop.ts'
import { graceS, SteadyClock } from './base/steady-clock.ts'
import type { Stops } from './base/stops.ts'
import type { Config } from './config/config.ts'
import { listenError, requireFreeAddress } from './http/listen-address.ts'
import { createServer } from './http/server.ts'
import { Relay } from './messaging/relay.ts'
import { type SandboxAbilities, sandboxAbilities } from './processing/programs/sandbox.ts'
import { chooseEngine, type EngineChoice } from './processing/speech/choose-engine.ts'
import { SpeechWatch } from './processing/speech/speech-watch.ts'
import { createSteps } from './processing/steps.ts'
import { Worker } from './processing/worker/worker.ts'
import { checkWorkerRequirements } from './processing/worker/worker-requirements.ts'
import { openRuntime, openSpeechToText, type Runtime } from './runtime.ts'
import { addressesOf, banner } from './terminal/banner.ts'
import { startKeys } from './terminal/keys.ts'
import { FinalUploads } from './uploads/core/final-uploads.ts'
import { UploadSweeper } from './uploads/core/sweeper.ts'
import { UploadStore } from './uploads/core/upload-store.ts'
import { Recordings } from './uploads/recordings/recordings.ts'
import { BinSweeper } from './videos/catalogue/bin-sweeper.ts'
import { SourceWatch } from './videos/catalogue/source-watch.ts'
import { dropLeases } from './videos/pipeline/leases.ts'
import { refreshStaleSearch } from './videos/search/refresh-stale.ts'
import { WebhookSender } from './webhooks/webhook-sender.ts'

/** Level of log lines that repeat the banner, or report requests: people at a terminal see them only with LOG_LEVEL=debug. */
const DETAIL_LEVEL = isatty(process.stderr.fd) ? 'debug' : 'info'

interface Deps {
  readonly config: Config
  readonly runtime: Runtime
  readonly log: Logger
  readonly stops: Stops
}

/**
 * Starts the roles that the settings name.
 * @param stops gets the parts that have started. They are stopped if the start fails.
 */
export async function startRoles({ config, log, stops }: Omit<Deps, 'runtime'>): Promise<void> {
  // Before anything is created, so that a mistake in the settings leaves nothing behind.
  if (config.role !== 'worker') await requireFreeAddress(config)
  // This creates the data directory at once; the database takes longer to open.
  const opening = openRuntime(config, log)
  const needs = config.role === 'api' ? undefined : checkWorkerRequirements(workDirectory(config), log)
  needs?.catch(() => {})
  const runtime = await opening
  stops.push('queue and database', () => runtime.close())
  try {
    const deps = { config, runtime, log, stops }
    if (runtime.exclusive) await startDoctor(deps)
    startRelay(deps)
    startWebhooks(deps)
    const sandbox = config.role === 'api' ? undefined : await findSandbox(log)
    await needs
    const choice = chooseEngine(config)
    if (config.role !== 'api') await startWorker(deps, choice)
    if (config.role === 'api' && !config.natsUrl) tellWorkersWithoutNats(runtime)
    if (config.role === 'worker') {
      log[DETAIL_LEVEL]({ transcripts: choice.sentence }, 'working')
      process.stdout.write(banner(config, choice.sentence))
    } else {
      await startApi(deps, choice, sandbox)
      refreshSearch(deps)
    }
  } catch (error) {
    await stops.stopAll()
    throw error
  }
}

function workDirectory({ dataDir }: Config): string {
  return join(dataDir, 'tmp')
}

/** Lets the command `doctor` examine the embedded database, which only this process can open. */
async function startDoctor({ config: { dataDir }, runtime, log, stops }: Deps): Promise<void> {
  const { serveDoctor } = await import('./doctor/local-socket.ts')
  try {
    stops.push('doctor', await serveDoctor({ ...runtime, dataDir }, log))
  } catch (err) {
    log.warn({ err }, 'the command doctor does not work while this service runs')
  }
}

function startRelay({ runtime: { db, queue, signal }, log, stops }: Deps): void {
  const relay = new Relay(db, queue, log)
  relay.start()
  stops.push('relay', () => relay.stop())
  signal.on('events', () => relay.wake())
}

function startWebhooks({ config, runtime: { db, signal }, log, stops }: Deps): void {
  const sender = new WebhookSender({ db, log, allowPrivate: config.webhookAllowPrivate })
  sender.start()
  stops.push('webhooks', () => sender.stop())
  signal.on('events', () => sender.wake())
  signal.on('deliveries', () => sender.wake())
}

/** Without NATS the events of this process reach no worker in another one: a signal takes their place. */
function tellWorkersWithoutNats({ signal }: Runtime): void {
  signal.on('events', () => signal.emit('steps'))
}

/** Media programs run without the protections that this system lacks: the operator should know which. */
async function findSandbox(log: Logger): Promise<SandboxAbilities> {
  const sandbox = await sandboxAbilities()
  if (sandbox.missing.length === 0) log[DETAIL_LEVEL]({ present: sandbox.present }, 'the sandbox is complete')
  else log.warn(sandbox, 'the sandbox is not complete')
  return sandbox
}

async function startWorker({ config, runtime, log, stops }: Deps, choice: EngineChoice): Promise<void> {
  const { db, signal, exclusive } = runtime
  // There is no other process, so every lease belongs to one that has died.
  if (exclusive) await dropLeases(db)
  const { speechToText, sweepInterval } = config
  const engine = await openSpeechToText(choice, config, log)
  stops.push('speech engine', async () => engine?.stop())
  const worker = new Worker({
    ...runtime,
    log,
    steps: createSteps(engine, sweepInterval),
    workDirectory: workDirectory(config),
    sweepIntervalS: sweepInterval,
  })
  worker.start()
  stops.push('worker', () => worker.stop())
  signal.on('steps', () => worker.wake())
  const check = speechToText?.check ?? false
  const watch = new SpeechWatch({ db, log, engine, check, intervalS: sweepInterval, signal })
  watch.start()
  stops.push('speech check', () => watch.stop())
}

async function startApi(
  { config, runtime, log, stops }: Deps,
  choice: EngineChoice,
  sandbox: SandboxAbilities | undefined,
): Promise<void> {
  const { db, storage, bytes, reserve, locks, signal } = runtime
  const limits = { maxUnfinished: config.maxUnfinishedUploads, quota: config.storageQuota }
  const expiry = config.uploadExpiry
  const store = new UploadStore({ db, bytes, reserve, locks, expiry, limits, signal })
  const finals = new FinalUploads({ db, bytes, store })
  const maxSize = config.maxUploadSize
  const recordings = new Recordings({ db, storage, bytes, reserve, store, locks, maxSize })
  const sources = new SourceWatch(db, storage)
  const uploads = { store, locks, finals, recordings, sources }
  const clock = new SteadyClock(graceS(expiry))
  const sweeper = new UploadSweeper({
    ...{ db, storage, reserve, ...uploads, clock, log },
    interval: config.sweepInterval,
  })
  sweeper.start()
  stops.push('upload sweeper', () => sweeper.stop())
  const bin = new BinSweeper({ ...runtime, binDays: config.binDays, log, interval: config.sweepInterval })
  bin.start()
  stops.push('bin sweeper', () => bin.stop())
  const stop = new AbortController()
  const server = await createServer({
    ...runtime,
    ...uploads,
    config,
    log,
    speech: choice,
    sandbox,
    requestLogLevel: DETAIL_LEVEL,
    stop: stop.signal,
  })
  stops.push('requests', async () => {
    stop.abort()
    // Uploads in progress end first and save what they have received. Their clients resume after the next start.
    const closed = server.close()
    await locks.releaseAll()
    await closed
  })
  await server.listen({ host: config.host, port: config.port }).catch(error => {
    throw listenError(config, error)
  })
  const addresses = addressesOf(server.server.address() as AddressInfo, config)
  log[DETAIL_LEVEL]({ url: addresses.listening }, 'listening')
  process.stdout.write(banner(config, choice.sentence, addresses))
  startKeys(addresses)
}

/** Rewrites in the background what an older version left in the search index. */
function refreshSearch({ config, runtime: { db }, log, stops }: Deps): void {
  const loop = new Loop(
    async () => {
      if ((await refreshStaleSearch(db)) > 0) return true
      void loop.stop()
    },
    { intervalMs: config.sweepInterval * 1000, log, failed: 'the search index cannot be brought up to date' },
  )
  loop.start()
  stops.push('search index', () => loop.stop())
}
