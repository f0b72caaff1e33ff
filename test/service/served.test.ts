import { readFileSync } from 'node:fs'
import t, { type Test } from 'tap'
import { clip } from '../support/clips.ts'
import { storedFiles } from '../support/leftovers.ts'
import { NatsServer } from '../support/nats-server.ts'
import { eventsWaiting, leaveNothing, oneRightVideo } from '../support/one-right-video.ts'
import { startPostgres } from '../support/postgres.ts'
import { type Service, startService } from '../support/service.ts'
import { startSpeechServer } from '../support/speech-server.ts'
import { throwAwayDirectory } from '../support/throw-away-directory.ts'
import { tusUpload } from '../support/tus-upload.ts'
import { until } from '../support/until.ts'
import { endedVideo, getJson, type VideoView } from '../support/video-api.ts'
import { suffer, withFault } from '../support/with-fault.ts'

const words = ['queen', 'table', 'garden'].map((word, index) => ({ word, start: 0.5 + index }))
const TEXT = 'queen table garden'
/** Sound alone: less is to be done to it than to a film, by as many steps. */
const sound = readFileSync(await clip({ words, seconds: 4, container: 'mp3' }))
const film = readFileSync(await clip({ words, seconds: 4, faststart: false }))

const postgres = await startPostgres()
const nats = await NatsServer.start()
const speech = await startSpeechServer()
t.teardown(async () => {
  await Promise.all([postgres.stop(), nats.stop(), speech.stop()])
})

/** The processes of one deployment share a database, a data directory and the queue. */
const shared = {
  DATABASE_URL: await postgres.createDatabase({ empty: true }),
  NATS_URL: nats.url,
  OPENAI_BASE_URL: speech.baseUrl,
  DATA_DIR: throwAwayDirectory('served'),
  SWEEP_INTERVAL: '1',
}

async function start(role: 'api' | 'worker', extra: Record<string, string> = {}): Promise<Service> {
  const service = await startService({ env: { ...shared, ROLE: role, ...extra } })
  t.teardown(() => service.kill())
  return service
}

/** That the tests run on, one after another: each leaves them without a video. */
const [api, ...workers] = await Promise.all([start('api'), start('worker'), start('worker')])
let worker = workers[0]!

function upload(source = sound): Promise<string> {
  return tusUpload(api.url, source, { metadata: { filename: 'clip.mp4' } }).done
}

/** Takes the place of one that is gone. */
async function nextWorker(extra: Record<string, string> = {}): Promise<void> {
  worker = await start('worker', extra)
}

/** Lets the next transcription hang. @returns how many were asked for before. */
function hang(): number {
  const asked = speech.requests.length
  speech.hang()
  return asked
}

/** A test that ends with one right video, and with none of what came of it. */
function survives(name: string, source: Buffer, run: (t: Test) => Promise<void>): void {
  t.test(name, async t => {
    await run(t)
    await leaveNothing(api, await oneRightVideo(t, api, source, TEXT))
  })
}

t.test('processes that start together on an empty database, and share the work', async t => {
  const ids = await Promise.all(Array.from({ length: 6 }, () => upload()))
  for (const id of ids) {
    const video = await endedVideo(api.url, id)
    t.equal(video.transcript, TEXT)
    t.ok(
      video.steps.every(step => step.attempts <= 1),
      'nothing was done twice',
    )
  }
  for (const { logs } of workers) {
    t.ok(
      logs.some(line => line.msg === 'step completed'),
      'each had a part of it',
    )
  }
  await workers[1]!.stop()
  for (const id of ids) await fetch(`${api.url}/videos/${id}?permanent=true`, { method: 'DELETE' })
  await until(async () => (await storedFiles(api.dataDir)).length === 0)
})

t.test(
  'the events of a video are in the stream, and its lines in every log bear the id of the request',
  async t => {
    const id = await upload(film)
    const video = await endedVideo(api.url, id)
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
    await leaveNothing(api, video)
  },
)

t.test('a video is deleted while a worker is busy with it', async t => {
  const asked = hang()
  const id = await upload()
  await until(() => speech.requests.length > asked)
  t.equal((await fetch(`${api.url}/videos/${id}?permanent=true`, { method: 'DELETE' })).status, 204)
  await until(() => worker.logs.some(line => line.msg?.includes('lease is lost')))
  await until(async () => (await storedFiles(api.dataDir)).length === 0)
  t.same((await getJson<{ items: VideoView[] }>(`${api.url}/videos`)).items, [])
})

survives('PostgreSQL is killed and comes back', sound, async t => {
  await postgres.kill()
  t.equal((await fetch(`${api.url}/health/ready`)).status, 503)
  const refused = await fetch(`${api.url}/uploads`, {
    method: 'POST',
    headers: { 'tus-resumable': '1.0.0', 'upload-length': '10' },
  })
  t.equal(refused.status, 503, 'a client is told to try again')
  await postgres.start()
  await until(async () => (await fetch(`${api.url}/health/ready`)).status === 200)
  await upload()
})

survives('a worker that is stopped gives its work back at once', sound, async t => {
  const asked = hang()
  const id = await upload()
  await until(() => speech.requests.length > asked)
  await worker.stop()
  const { steps } = await getJson(`${api.url}/videos/${id}`)
  t.match(
    steps.find(step => step.name === 'transcribe'),
    { state: 'pending', attempts: 0 },
    'as if it had not been begun',
  )
  await nextWorker()
})

survives('a worker is killed inside the transcription, another takes over', sound, async () => {
  const asked = hang()
  await upload()
  await until(() => speech.requests.length > asked)
  await worker.kill()
  await nextWorker(withFault('later'))
})

survives('a worker is killed inside ffmpeg, another takes over', film, async () => {
  await suffer(worker, 'inside-ffmpeg')
  await upload(film)
  await worker.exited
  await nextWorker()
})

survives('without NATS the work is done all the same', sound, async t => {
  await worker.stop()
  await nats.stop()
  await nextWorker()
  await upload()
  await oneRightVideo(t, api, sound, TEXT)
  await nats.start()
})

survives('NATS is down when an upload is finished and comes up later', sound, async t => {
  await worker.stop()
  await nats.stop()
  await upload()
  t.equal(await eventsWaiting(api), 1, 'the event waits in the outbox')
  const ready = await fetch(`${api.url}/health/ready`)
  t.equal(ready.status, 200, 'uploads are taken all the same')
  t.match(await ready.json(), { status: 'degraded', checks: { queue: { status: 'down' } } })
  await nats.start()
  await until(async () => (await eventsWaiting(api)) === 0)
  await nextWorker()
})

survives('the JetStream directory is wiped with work queued', sound, async () => {
  await worker.stop()
  await upload()
  await until(async () => (await eventsWaiting(api)) === 0)
  await nats.stop('SIGKILL')
  nats.wipe()
  await nats.start()
  await nextWorker()
})
