import { readFileSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { clip } from '../support/clips.ts'
import { type Flavour, flavours } from '../support/flavours.ts'
import { storedFiles } from '../support/leftovers.ts'
import { NatsServer } from '../support/nats-server.ts'
import { leaveNothing, oneRightVideo } from '../support/one-right-video.ts'
import type { Postgres } from '../support/postgres.ts'
import { type Service, startService } from '../support/service.ts'
import { type SpeechServer, startSpeechServer } from '../support/speech-server.ts'
import { throwAwayDirectory } from '../support/throw-away-directory.ts'
import { tusUpload } from '../support/tus-upload.ts'
import { until } from '../support/until.ts'
import { suffer, withFault } from '../support/with-fault.ts'

const words = ['apple', 'river', 'moon', 'stone'].map((word, index) => ({ word, start: 0.5 + index }))
const TEXT = 'apple river moon stone'
/** Where it is about the upload or the transcript, sound alone does: less is to be done to it. */
const sound = readFileSync(await clip({ words, seconds: 5, container: 'mp3' }))
const film = readFileSync(await clip({ words, seconds: 5, faststart: false }))

/** A service that dies of its faults, one after another, and comes back on what the last has left. */
class Mortal {
  readonly speech: SpeechServer
  readonly temporary = throwAwayDirectory('faults-tmp')
  readonly #t: Test
  readonly #env: Record<string, string>
  #service: Service | undefined

  private constructor(t: Test, speech: SpeechServer, env: Record<string, string>) {
    this.#t = t
    this.speech = speech
    this.#env = { ...env, ...withFault('later'), TMPDIR: this.temporary }
  }

  /** One with a data directory, a database, a queue and a speech-to-text service of its own. */
  static async start(t: Test, flavour: Flavour): Promise<Mortal> {
    const speech = await startSpeechServer()
    t.teardown(() => speech.stop())
    const mortal = new Mortal(t, speech, {
      ...(flavour.name === 'served' && (await ownBackends(t, flavour.postgres))),
      OPENAI_BASE_URL: speech.baseUrl,
      DATA_DIR: throwAwayDirectory('faults'),
      SWEEP_INTERVAL: '1',
    })
    await mortal.startAgain()
    return mortal
  }

  get service(): Service {
    return this.#service!
  }

  /** Once it has died. */
  async startAgain(): Promise<void> {
    await this.#service?.exited
    const service = await startService({ env: this.#env })
    this.#t.teardown(() => service.kill())
    this.#service = service
  }

  /** A test that ends with one right video, and with none of what came of it. */
  async survives(name: string, source: Buffer, run: (t: Test) => Promise<void>): Promise<void> {
    await this.#t.test(name, async t => {
      await run(t)
      await leaveNothing(this.service, await oneRightVideo(t, this.service, source, TEXT))
    })
  }
}

async function ownBackends(t: Test, postgres: Postgres): Promise<Record<string, string>> {
  const nats = await NatsServer.start()
  t.teardown(() => nats.stop())
  return { DATABASE_URL: await postgres.createDatabase(), NATS_URL: nats.url }
}

function upload({ service }: Mortal, source: Buffer): ReturnType<typeof tusUpload> {
  return tusUpload(service.url, source, { metadata: { filename: 'clip.mp4', title: 'Faults' } })
}

/** One request that may be repeated. */
function post({ service }: Mortal, key: string): Promise<Response> {
  const body = new FormData()
  body.append('title', 'Faults')
  body.append('video', new Blob([sound], { type: 'video/mp4' }), 'clip.mp4')
  return fetch(`${service.url}/videos`, { method: 'POST', body, headers: { 'idempotency-key': key } })
}

await flavours(t, async (t, flavour) => {
  // Two at once: one of them waits most of the time.
  t.jobs = 2
  t.test('uploads and their processing', { buffered: true }, async t => {
    const mortal = await Mortal.start(t, flavour)
    const { speech } = mortal

    await mortal.survives('killed between the last byte and the commit', sound, async t => {
      await suffer(mortal.service, 'before-commit')
      const { done } = upload(mortal, sound)
      await t.rejects(done, 'the client is not told that it is complete')
      await mortal.startAgain()
    })

    await mortal.survives('killed between the commit and the publish', sound, async () => {
      await suffer(mortal.service, 'before-publish')
      await upload(mortal, sound).done.catch(() => {})
      await mortal.startAgain()
    })

    await mortal.survives('killed inside ffmpeg', film, async t => {
      await suffer(mortal.service, 'inside-ffmpeg')
      await upload(mortal, film).done
      await mortal.service.exited
      const left = await storedFiles(mortal.service.dataDir)
      t.ok(
        left.some(file => /^tmp\/.*\/audio\.mp3$/.test(file)),
        'it was at work',
      )
      const sandboxes = () => readdir(mortal.temporary)
      const before = await sandboxes()
      await mortal.startAgain()
      await until(async () => (await sandboxes()).every(name => !before.includes(name)))
      t.equal(before.length, 1, 'the next process has removed the directory of its sandboxes')
    })

    await mortal.survives('killed inside the transcription', sound, async t => {
      const before = speech.requests.length
      speech.hang()
      await upload(mortal, sound).done
      await until(() => speech.requests.length > before)
      await mortal.service.kill()
      await mortal.startAgain()
      await oneRightVideo(t, mortal.service, sound, TEXT)
      t.equal(speech.requests.length, before + 2, 'asked once more, not more often')
    })

    await mortal.survives('the speech-to-text service fails in passing', sound, async () => {
      speech.fail({ status: 500, times: 2 })
      speech.cut()
      speech.fail({ status: 429, retryAfter: 1 })
      await upload(mortal, sound).done
    })

    await mortal.survives('a sync that fails is not taken for done', sound, async t => {
      await suffer(mortal.service, 'sync-fails')
      const { upload: client, done } = tusUpload(mortal.service.url, sound, {
        retryDelays: [0, 100],
        metadata: { filename: 'clip.mp4' },
      })
      const urls = new Set<string>()
      client.options.onUploadUrlAvailable = () => urls.add(client.url!)
      await done
      t.equal(urls.size, 2, 'the upload is given up, and the client begins another')
      const head = await fetch([...urls][0]!, { method: 'HEAD', headers: { 'tus-resumable': '1.0.0' } })
      t.equal(head.status, 404)
    })

    await mortal.survives('every event comes three times', film, async t => {
      await suffer(mortal.service, 'events-thrice')
      const before = speech.requests.length
      await upload(mortal, film).done
      await oneRightVideo(t, mortal.service, film, TEXT)
      t.equal(speech.requests.length, before + 1, 'and the work is done once')
    })
  })

  t.test('a request with an Idempotency-Key', { buffered: true }, async t => {
    const mortal = await Mortal.start(t, flavour)
    for (const fault of ['before-commit', 'before-publish'])
      await mortal.survives(`killed ${fault}, is sent again`, sound, async t => {
        await suffer(mortal.service, fault)
        await post(mortal, fault).catch(() => {})
        await mortal.startAgain()
        // For as long as the one that was killed could be at work.
        let answer = await post(mortal, fault)
        for (; answer.status === 409; answer = await post(mortal, fault))
          await sleep(1000 * Number(answer.headers.get('retry-after')))
        t.equal(answer.status, 201)
      })
  })
})
