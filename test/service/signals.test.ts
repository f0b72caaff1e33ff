import { readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import t from 'tap'
import { clip } from '../support/clips.ts'
import { storedFiles } from '../support/leftovers.ts'
import { NatsServer } from '../support/nats-server.ts'
import { startPostgres } from '../support/postgres.ts'
import { doctor } from '../support/run-doctor.ts'
import { type LogLine, type Service, startService } from '../support/service.ts'
import { startSpeechServer } from '../support/speech-server.ts'
import { throwAwayDirectory } from '../support/throw-away-directory.ts'
import { tusUpload } from '../support/tus-upload.ts'
import { until } from '../support/until.ts'
import { endedVideo, getJson, type VideoView } from '../support/video-api.ts'

// No process looks for work by itself within an hour: what is done at all was told of by another process.

const words = ['queen', 'table'].map((word, index) => ({ word, start: 0.5 + index }))
const sound = readFileSync(await clip({ words, seconds: 3, container: 'mp3' }))

const [postgres, nats, speech] = await Promise.all([startPostgres(), NatsServer.start(), startSpeechServer()])
t.teardown(async () => {
  await Promise.all([postgres.stop(), nats.stop(), speech.stop()])
})
const shared = {
  DATABASE_URL: await postgres.createDatabase(),
  NATS_URL: nats.url,
  OPENAI_BASE_URL: speech.baseUrl,
  DATA_DIR: throwAwayDirectory('signals'),
  SWEEP_INTERVAL: '3600',
}

async function start(role: 'api' | 'worker', env: Record<string, string> = {}): Promise<Service> {
  const service = await startService({ env: { ...shared, ROLE: role, ...env } })
  t.teardown(() => service.kill())
  return service
}

const [api, worker] = await Promise.all([start('api'), start('worker')])

/** The results for a sound are kept: only another one is sent to speech-to-text. */
const otherSound = readFileSync(
  await clip({ words: [{ word: 'garden', start: 0.7 }], seconds: 4, container: 'mp3' }),
)

const upload = (url = api.url, source = sound) =>
  tusUpload(url, source, { metadata: { filename: 'clip.mp3' } }).done

async function finishedAt(id: string, step: string): Promise<string> {
  const { steps } = await getJson<VideoView>(`${api.url}/videos/${id}`)
  const { state, finished_at } = steps.find(({ name }) => name === step) as unknown as Record<string, string>
  return state === 'done' ? finished_at! : ''
}

async function retried(id: string, step: string): Promise<void> {
  const before = await finishedAt(id, step)
  const { status } = await fetch(`${api.url}/videos/${id}/retry?step=${step}`, { method: 'POST' })
  if (status !== 202) throw new Error(`${status}`)
  await until(async () => (await finishedAt(id, step)) > before)
}

const id = await upload()
await endedVideo(api.url, id)

t.test('the worker starts a step that is retried in the api process, each kind of it', async () => {
  for (const step of ['audio', 'transcribe', 'probe']) await retried(id, step)
})

t.test('also after the connections for signals were cut', async () => {
  const client = new pg.Client(shared.DATABASE_URL)
  await client.connect()
  const { rowCount } = await client.query(
    "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'longtake process'",
  )
  await client.end()
  t.equal(rowCount, 2)
  await retried(id, 'audio')
})

t.test('the worker starts a step that the command doctor repairs', async t => {
  const [audio] = (await storedFiles(api.dataDir)).filter(file => /\/audio-[^/]+$/.test(file))
  await rm(join(api.dataDir, audio!))
  const before = await finishedAt(id, 'audio')
  t.match(await doctor(shared, '--repair', '--json'), { kinds: ['artifact_missing'] })
  await until(async () => (await finishedAt(id, 'audio')) > before)
})

t.test('a worker goes on with what another gives back', async () => {
  const other = await start('worker')
  const asked = speech.requests.length
  speech.hang()
  const interrupted = await upload(api.url, otherSound)
  await until(() => speech.requests.length > asked)
  const begins = (line: LogLine) =>
    line.msg === 'step started' && line['step'] === 'transcribe' && line['video_id'] === interrupted
  // The log line may arrive later than the request for the transcript.
  const running = await until(() => [worker, other].find(({ logs }) => logs.some(begins)))
  await running.stop()
  const { status } = await endedVideo(api.url, interrupted)
  t.equal(status, 'ready')
})

t.test('without NATS, the api process tells the worker of an upload', async () => {
  const env = {
    NATS_URL: '',
    DATABASE_URL: await postgres.createDatabase(),
    DATA_DIR: throwAwayDirectory('no-nats'),
  }
  const [front] = await Promise.all([start('api', env), start('worker', env)])
  const { status } = await endedVideo(front.url, await upload(front.url))
  t.equal(status, 'ready')
})
