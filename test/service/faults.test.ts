import { createReadStream, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { clip } from '../support/clips.ts'
import { type Flavour, flavours } from '../support/flavours.ts'
import { storedFiles } from '../support/leftovers.ts'
import { NatsServer } from '../support/nats-server.ts'
import { oneRightVideo } from '../support/one-right-video.ts'
import type { Postgres } from '../support/postgres.ts'
import { type Service, startService } from '../support/service.ts'
import { startSpeechServer } from '../support/speech-server.ts'
import { throwAwayDirectory } from '../support/throw-away-directory.ts'
import { tusUpload } from '../support/tus-upload.ts'
import { until } from '../support/until.ts'
import { withFault } from '../support/with-fault.ts'

const words = ['apple', 'river', 'moon', 'stone'].map((word, index) => ({ word, start: 0.5 + index }))
const TEXT = 'apple river moon stone'
const path = await clip({ words, seconds: 5 })
const source = readFileSync(path)

/** A data directory, a database, a queue and a speech-to-text service of its own, and what starts services on them. */
async function setting(t: Test, flavour: Flavour) {
  const speech = await startSpeechServer()
  t.teardown(() => speech.stop())
  const env = {
    ...(flavour.name === 'served' && (await ownBackends(t, flavour.postgres))),
    OPENAI_BASE_URL: speech.baseUrl,
    DATA_DIR: throwAwayDirectory('faults'),
    SWEEP_INTERVAL: '1',
  }
  const run = (extra: Record<string, string> = {}): Promise<Service> =>
    startService({ env: { ...env, ...extra } }).then(service => {
      t.teardown(() => service.kill())
      return service
    })
  return { env, run, speech }
}

async function ownBackends(t: Test, postgres: Postgres): Promise<Record<string, string>> {
  const nats = await NatsServer.start()
  t.teardown(() => nats.stop())
  return { DATABASE_URL: await postgres.createDatabase(), NATS_URL: nats.url }
}

function upload(service: Service): ReturnType<typeof tusUpload> {
  return tusUpload(service.url, createReadStream(path), {
    uploadSize: source.length,
    metadata: { filename: 'clip.mp4', title: 'Faults' },
  })
}

/** One request that may be repeated. */
function post({ url }: Service): Promise<Response> {
  const body = new FormData()
  body.append('title', 'Faults')
  body.append('video', new Blob([source], { type: 'video/mp4' }), 'clip.mp4')
  return fetch(`${url}/videos`, { method: 'POST', body, headers: { 'idempotency-key': 'faults' } })
}

await flavours(t, async (t, flavour) => {
  // They wait for one thing or another most of the time. tap writes into the options of a test: no two may share them.
  t.jobs = 3
  t.test('killed between the last byte and the commit', { buffered: true }, async t => {
    const { run } = await setting(t, flavour)
    const doomed = await run(withFault('before-commit'))
    const { done } = upload(doomed)
    await t.rejects(done, 'the client is not told that it is complete')
    await doomed.exited
    await oneRightVideo(t, await run(), source, TEXT)
  })

  t.test('killed between the commit and the publish', { buffered: true }, async t => {
    const { run } = await setting(t, flavour)
    const doomed = await run(withFault('before-publish'))
    await upload(doomed).done.catch(() => {})
    await doomed.exited
    await oneRightVideo(t, await run(), source, TEXT)
  })

  for (const fault of ['before-commit', 'before-publish'] as const)
    t.test(
      `a request with an Idempotency-Key, killed ${fault}, is sent again`,
      { buffered: true },
      async t => {
        const { run } = await setting(t, flavour)
        const doomed = await run(withFault(fault))
        await post(doomed).catch(() => {})
        await doomed.exited
        const service = await run()
        // For as long as the one that was killed could be at work.
        let answer = await post(service)
        for (; answer.status === 409; answer = await post(service))
          await sleep(1000 * Number(answer.headers.get('retry-after')))
        t.equal(answer.status, 201)
        await oneRightVideo(t, service, source, TEXT)
      },
    )

  t.test('killed inside ffmpeg', { buffered: true }, async t => {
    const { env, run } = await setting(t, flavour)
    const doomed = await run(withFault('inside-ffmpeg'))
    await upload(doomed).done
    await doomed.exited
    const left = await storedFiles(env.DATA_DIR)
    t.ok(
      left.some(file => /^tmp\/.*\/audio\.mp3$/.test(file)),
      'it was at work',
    )
    await oneRightVideo(t, await run(), source, TEXT)
  })

  t.test('killed inside the transcription', { buffered: true }, async t => {
    const { run, speech } = await setting(t, flavour)
    const doomed = await run()
    const before = speech.requests.length
    speech.hang()
    await upload(doomed).done
    await until(() => speech.requests.length > before)
    await doomed.kill()
    await oneRightVideo(t, await run(), source, TEXT)
    t.equal(speech.requests.length, before + 2, 'asked once more, not more often')
  })

  t.test('every event comes three times', { buffered: true }, async t => {
    const { run, speech } = await setting(t, flavour)
    const service = await run(withFault('events-thrice'))
    const before = speech.requests.length
    await upload(service).done
    await oneRightVideo(t, service, source, TEXT)
    t.equal(speech.requests.length, before + 1, 'and the work is done once')
  })

  t.test('a sync that fails is not taken for done', { buffered: true }, async t => {
    const { run } = await setting(t, flavour)
    const service = await run(withFault('sync-fails'))
    const { upload: client, done } = tusUpload(service.url, createReadStream(path), {
      uploadSize: source.length,
      retryDelays: [0, 100],
      metadata: { filename: 'clip.mp4' },
    })
    const urls = new Set<string>()
    client.options.onUploadUrlAvailable = () => urls.add(client.url!)
    await done
    t.equal(urls.size, 2, 'the upload is given up, and the client begins another')
    const head = await fetch([...urls][0]!, { method: 'HEAD', headers: { 'tus-resumable': '1.0.0' } })
    t.equal(head.status, 404)
    await oneRightVideo(t, service, source, TEXT)
  })

  t.test('the speech-to-text service fails in passing', { buffered: true }, async t => {
    const { run, speech } = await setting(t, flavour)
    const service = await run()
    speech.fail({ status: 500, times: 2 })
    speech.cut()
    speech.fail({ status: 429, retryAfter: 1 })
    await upload(service).done
    await oneRightVideo(t, service, source, TEXT)
  })
})
