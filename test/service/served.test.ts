import { createReadStream, readFileSync } from 'node:fs'
import t, { type Test } from 'tap'
import { clip } from '../support/clips.ts'
import { storedFiles } from '../support/leftovers.ts'
import { NatsServer } from '../support/nats-server.ts'
import { oneRightVideo } from '../support/one-right-video.ts'
import { startPostgres } from '../support/postgres.ts'
import { type Service, startService } from '../support/service.ts'
import { startSpeechServer } from '../support/speech-server.ts'
import { throwAwayDirectory } from '../support/throw-away-directory.ts'
import { tusUpload } from '../support/tus-upload.ts'
import { until } from '../support/until.ts'
import { endedVideo, getJson, type VideoView } from '../support/video-api.ts'
import { withFault } from '../support/with-fault.ts'

const words = ['queen', 'table', 'garden'].map((word, index) => ({ word, start: 0.5 + index }))
const TEXT = 'queen table garden'
const path = await clip({ words, seconds: 4 })
const source = readFileSync(path)

const postgres = await startPostgres()
const nats = await NatsServer.start()
const speech = await startSpeechServer()
t.teardown(async () => {
  await Promise.all([postgres.stop(), nats.stop(), speech.stop()])
})

/** Starts the processes of one deployment: they share a database, a data directory and the queue. */
async function deployment() {
  const shared = {
    DATABASE_URL: await postgres.createDatabase(),
    NATS_URL: nats.url,
    OPENAI_BASE_URL: speech.baseUrl,
    DATA_DIR: throwAwayDirectory('served'),
    SWEEP_INTERVAL: '1',
  }
  return (t: Test, role: 'api' | 'worker', extra: Record<string, string> = {}): Promise<Service> =>
    startService({ env: { ...shared, ROLE: role, ...extra } }).then(service => {
      t.teardown(() => service.kill())
      return service
    })
}

function upload(api: Service): Promise<string> {
  const metadata = { filename: 'clip.mp4' }
  return tusUpload(api.url, createReadStream(path), { uploadSize: source.length, metadata }).done
}

const eventsWaiting = async (api: Service) => {
  const metrics = await (await fetch(`${api.url}/metrics`)).text()
  return Number(/^longtake_outbox_events (\d+)$/m.exec(metrics)?.[1])
}

t.test('NATS is down when an upload is finished and comes up later', async t => {
  const run = await deployment()
  const api = await run(t, 'api')
  await nats.stop()
  await upload(api)
  t.equal(await eventsWaiting(api), 1, 'the event waits in the outbox')
  const ready = await fetch(`${api.url}/health/ready`)
  t.equal(ready.status, 200, 'uploads are taken all the same')
  t.match(await ready.json(), { status: 'degraded', checks: { queue: { status: 'down' } } })
  await nats.start()
  await until(async () => (await eventsWaiting(api)) === 0)
  await run(t, 'worker')
  await oneRightVideo(t, api, source, TEXT)
})

t.test('without NATS the work is done all the same', async t => {
  const run = await deployment()
  const api = await run(t, 'api')
  await nats.stop()
  t.teardown(() => nats.start())
  await run(t, 'worker')
  await upload(api)
  await oneRightVideo(t, api, source, TEXT)
})

t.test('the JetStream directory is wiped with work queued', async t => {
  const run = await deployment()
  const api = await run(t, 'api')
  await upload(api)
  await until(async () => (await eventsWaiting(api)) === 0)
  await nats.stop('SIGKILL')
  nats.wipe()
  await nats.start()
  await run(t, 'worker')
  await oneRightVideo(t, api, source, TEXT)
})

t.test('a worker is killed inside ffmpeg, another takes over', async t => {
  const run = await deployment()
  const api = await run(t, 'api')
  const doomed = await run(t, 'worker', withFault('inside-ffmpeg'))
  await upload(api)
  await doomed.exited
  await run(t, 'worker')
  await oneRightVideo(t, api, source, TEXT)
})

t.test('a worker is killed inside the transcription, another takes over', async t => {
  const run = await deployment()
  const api = await run(t, 'api')
  const doomed = await run(t, 'worker')
  const asked = speech.requests.length
  speech.hang()
  await upload(api)
  await until(() => speech.requests.length > asked)
  await doomed.kill()
  await run(t, 'worker')
  await oneRightVideo(t, api, source, TEXT)
})

t.test('a worker that is stopped gives its work back at once', async t => {
  const run = await deployment()
  const api = await run(t, 'api')
  const first = await run(t, 'worker')
  const asked = speech.requests.length
  speech.hang()
  const id = await upload(api)
  await until(() => speech.requests.length > asked)
  await first.stop()
  const { steps } = await getJson(`${api.url}/videos/${id}`)
  t.match(
    steps.find(step => step.name === 'transcribe'),
    { state: 'pending', attempts: 0 },
    'as if it had not been begun',
  )
  await run(t, 'worker')
  await oneRightVideo(t, api, source, TEXT)
})

t.test('PostgreSQL is killed and comes back', async t => {
  const run = await deployment()
  const api = await run(t, 'api')
  await run(t, 'worker')
  await postgres.kill()
  t.equal((await fetch(`${api.url}/health/ready`)).status, 503)
  const refused = await fetch(`${api.url}/uploads`, {
    method: 'POST',
    headers: { 'tus-resumable': '1.0.0', 'upload-length': '10' },
  })
  t.equal(refused.status, 503, 'a client is told to try again')
  await postgres.start()
  await until(async () => (await fetch(`${api.url}/health/ready`)).status === 200)
  await upload(api)
  await oneRightVideo(t, api, source, TEXT)
})

t.test('processes that start together on an empty database, and share the work', async t => {
  const run = await deployment()
  const [api, ...workers] = await Promise.all([run(t, 'api'), run(t, 'worker'), run(t, 'worker')])
  const ids = await Promise.all(Array.from({ length: 6 }, () => upload(api)))
  for (const id of ids) {
    const video = await endedVideo(api.url, id)
    t.equal(video.transcript, TEXT)
    t.ok(
      video.steps.every(step => step.attempts <= 1),
      'nothing was done twice',
    )
  }
  for (const worker of workers) {
    t.ok(
      worker.logs.some(line => line.msg === 'step ends'),
      'each had a part of it',
    )
  }
})

t.test(
  'the events of a video are in the stream, and its lines in every log bear the id of the request',
  async t => {
    const run = await deployment()
    const api = await run(t, 'api')
    const worker = await run(t, 'worker')
    const id = await upload(api)
    await endedVideo(api.url, id)
    await until(async () => (await eventsWaiting(api)) === 0)
    const { connect } = await import('nats')
    const connection = await connect({ servers: nats.url })
    t.teardown(() => connection.close())
    const manager = await connection.jetstreamManager()
    const { state } = await manager.streams.info('VIDEOS')
    const types: string[] = []
    for (let seq = state.first_seq; seq <= state.last_seq; seq++) {
      const message = await manager.streams.getMessage('VIDEOS', { seq }).catch(() => undefined)
      const event = message?.json<Record<string, string>>()
      if (event?.['video_id'] !== id) continue
      t.same(Object.keys(event).sort(), ['id', 'time', 'type', 'video_id'])
      t.equal(message?.subject, event['type'])
      t.equal(message?.header.get('Nats-Msg-Id'), event['id'])
      types.push(event['type']!)
    }
    t.same(types.sort(), [
      'video.audio_extracted',
      'video.probed',
      'video.ready',
      'video.transcribed',
      'video.uploaded',
    ])
    const consumers = (await manager.consumers.list('VIDEOS').next()).map(consumer => consumer.name)
    t.same(consumers.sort(), ['audio', 'playback', 'poster', 'probe', 'transcribe'])
    const requests = new Set(
      worker.logs.filter(line => line['video_id'] === id).map(line => line['request_id']),
    )
    t.equal(requests.size, 1)
    t.ok(api.logs.some(line => line.msg === 'request' && line['request_id'] === [...requests][0]))
  },
)

t.test('a video is deleted while a worker is busy with it', async t => {
  const run = await deployment()
  const api = await run(t, 'api')
  const worker = await run(t, 'worker')
  const asked = speech.requests.length
  speech.hang()
  const id = await upload(api)
  await until(() => speech.requests.length > asked)
  t.equal((await fetch(`${api.url}/videos/${id}`, { method: 'DELETE' })).status, 204)
  await until(() => worker.logs.some(line => line.msg?.includes('no longer ours')))
  t.ok(await until(async () => (await storedFiles(api.dataDir)).length === 0))
  t.same((await getJson<{ items: VideoView[] }>(`${api.url}/videos`)).items, [])
})
