import t from 'tap'
import { clip } from '../support/clips.ts'
import { flavours } from '../support/flavours.ts'
import { freePort } from '../support/free-port.ts'
import { startService } from '../support/service.ts'
import { tusUpload } from '../support/tus-upload.ts'
import { until } from '../support/until.ts'
import { endedVideo, getJson, postVideo } from '../support/video-api.ts'

/** One line of Prometheus' text format 0.0.4. */
const SAMPLE = /^[a-zA-Z_:][\w:]*(\{([a-zA-Z_]\w*="(\\.|[^"\\])*",?)*\})? (-?[\d.]+(e[+-]?\d+)?|\+Inf|NaN)$/
const COMMENT = /^# (HELP|TYPE) [a-zA-Z_:][\w:]* .+$/

interface Readiness {
  readonly status: string
  readonly checks: Record<string, { status: string; detail?: string }>
  readonly sandbox: { present: string[]; missing: string[] }
}

await flavours(t, async (t, flavour) => {
  const model = `http://127.0.0.1:${await freePort()}/v1`
  const service = await startService({
    env: { ...flavour.env, OPENAI_BASE_URL: model, TRANSCRIBE_MODEL: 'tiny' },
  })
  t.teardown(() => service.stop())
  const { url } = service
  const ready = async () => {
    const answer = await fetch(`${url}/health/ready`)
    return { code: answer.status, ...((await answer.json()) as Readiness) }
  }
  const served = flavour.name === 'served'

  await t.test('/status and /health', async t => {
    for (const slash of ['', '/']) {
      t.match(await getJson(`${url}/status${slash}`), {
        status: 'ok',
        version: /^\d+\.\d+\.\d+/,
        database: served ? 'postgresql' : 'embedded',
        queue: served ? 'jetstream' : 'embedded',
        speech_to_text: 'tiny',
      })
      t.same(await getJson(`${url}/health/live${slash}`), { status: 'live' })
    }
    t.match(await until(async () => (await ready()).status === 'ready' && (await ready())), {
      code: 200,
      checks: { database: { status: 'up' }, storage: { status: 'up' }, queue: { status: 'up' } },
    })
    const { present, missing } = (await ready()).sandbox
    t.ok(present.includes('file size limit'), 'what every shell can')
    t.ok(
      service.logs.some(({ msg }) => msg === `the sandbox is ${missing.length === 0 ? '' : 'not '}complete`),
      'the log tells it at the start',
    )
  })

  await t.test('/metrics', async t => {
    const { id } = await postVideo(url, await clip({ audio: 'none' }))
    await endedVideo(url, id)
    await fetch(`${url}/videos/${id}`)
    const answer = await fetch(`${url}/metrics`)
    t.match(answer.headers.get('content-type'), /^text\/plain; version=0\.0\.4/)
    const lines = (await answer.text()).split('\n').filter(Boolean)
    t.same(
      lines.filter(line => !SAMPLE.test(line) && !COMMENT.test(line)),
      [],
    )
    for (const line of [
      /^longtake_videos\{status="ready"\} 1$/,
      /^longtake_steps\{step="probe",state="done"\} 1$/,
      /^longtake_steps\{step="audio",state="skipped"\} 1$/,
      /^longtake_uploads_unfinished 0$/,
      /^longtake_http_request_duration_seconds_count\{.*route="\/videos\/:id".*\} [1-9]\d*$/,
      /^process_cpu_seconds_total [\d.]+$/,
    ])
      t.ok(
        lines.some(text => line.test(text)),
        String(line),
      )
    t.notOk(
      lines.some(text => text.includes(id)),
      'no ids in labels',
    )
  })

  if (!served) return

  await t.test('without NATS: degraded, and videos are taken and worked on', async t => {
    await flavour.nats.stop()
    const down = await until(async () => {
      const found = await ready()
      return found.checks['queue']?.status === 'down' && found
    })
    t.match(down, {
      code: 200,
      status: 'degraded',
      checks: { database: { status: 'up' }, storage: { status: 'up' } },
    })
    const { id } = await postVideo(url, await clip({ audio: 'none' }))
    t.match(await endedVideo(url, id), { status: 'ready' })
    await flavour.nats.start()
    t.match(await until(async () => (await ready()).status === 'ready' && (await ready())), { code: 200 })
  })

  await t.test('without PostgreSQL: 503, and it comes back', async t => {
    await flavour.postgres.stop()
    const down = await ready()
    t.match(down, {
      code: 503,
      status: 'unavailable',
      checks: { database: { status: 'down', detail: String } },
    })
    t.equal((await fetch(`${url}/health/live`)).status, 200)
    t.equal((await fetch(`${url}/status`)).status, 200)
    for (const path of ['/videos', '/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071', '/metrics']) {
      const answer = await fetch(`${url}${path}`)
      t.equal(answer.status, 503, path)
      const text = await answer.text()
      t.match(JSON.parse(text), { status: answer.status, code: String })
      t.notMatch(text, /ECONNREFUSED|127\.0\.0\.1|postgres/, 'the answer tells nothing of the inside')
    }
    // A client that knows tus waits for better times: nothing of what it is told ends its upload.
    const { done } = tusUpload(url, Buffer.alloc(1000), { retryDelays: Array<number>(1000).fill(200) })
    await until(
      () =>
        service.logs.some(({ url, status }) => url === '/uploads' && Number(status) >= 500) ||
        service.logs.some(({ msg }) => msg === 'tus request failed'),
    )
    await flavour.postgres.start()
    const id = await done
    t.match(await until(async () => (await ready()).code === 200 && (await ready())), { status: 'ready' })
    t.match(await endedVideo(url, id), { id, status: 'failed', size: 1000 })
  })
})
