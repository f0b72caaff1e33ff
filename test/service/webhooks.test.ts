import { Webhook } from 'standardwebhooks'
import t from 'tap'
import { flavours } from '../support/flavours.ts'
import { Recorder } from '../support/recorder.ts'
import { startService } from '../support/service.ts'
import { until } from '../support/until.ts'
import { getJson } from '../support/video-api.ts'
import { type Received, startWebhookReceiver } from '../support/webhook-receiver.ts'

interface WebhookView {
  readonly id: string
  readonly url: string
  readonly events: readonly string[]
  readonly secret: string
  readonly disabled_at: string | null
}

interface DeliveryView {
  readonly id: string
  readonly event_id: string
  readonly type: string
  readonly video_id: string
  readonly state: string
  readonly attempts: number
  readonly next_attempt_at: string | null
  readonly response_status: number | null
  readonly response_body: string | null
  readonly error: string | null
}

interface Log {
  readonly items: readonly DeliveryView[]
  readonly next_before: string | null
}

const json = (body?: unknown): RequestInit => ({
  method: 'POST',
  ...(body !== undefined && {
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  }),
})

await flavours(t, async (t, { env }) => {
  const receiver = await startWebhookReceiver()
  t.teardown(() => receiver.close())
  let service = await startService({ env: { ...env, WEBHOOK_ALLOW_PRIVATE: 'on' } })
  t.teardown(() => service.stop())
  const recorder = new Recorder(() => service.url)
  const register = (path: string, events?: string[], host = '127.0.0.1') =>
    getJson<WebhookView>(
      `${service.url}/webhooks`,
      json({ url: `http://${host}:${receiver.port}${path}`, ...(events && { events }) }),
    )
  const remove = (id: string) => fetch(`${service.url}/webhooks/${id}`, { method: 'DELETE' })
  const log = (id: string, query = '') => getJson<Log>(`${service.url}/webhooks/${id}/deliveries${query}`)
  const sentTo = (path: string) => receiver.received.filter(one => one.path === path)
  /** A video of which nothing can be made: it is uploaded, and then failed. */
  const video = async () => {
    const id = await recorder.create()
    await recorder.put(id, 0, 'no media')
    await recorder.finalize(id)
    return id
  }
  const verify = (secret: string, { body, headers }: Received) =>
    new Webhook(secret).verify(body, headers as Record<string, string>)

  await t.test('a ping is signed, and tells what the receiver answered', async t => {
    const hook = await register('/ping', ['video.ready'])
    const ping = (id = hook.id) => fetch(`${service.url}/webhooks/${id}/ping`, json())
    receiver.answer(
      '/ping',
      { status: 200, body: 'thank you' },
      { status: 500, body: 'sorry' },
      { status: 410 },
    )
    const first = await (await ping()).json()
    t.match(first, {
      delivered: true,
      response_status: 200,
      response_body: 'thank you',
      error: null,
      duration: Number,
    })
    const [received] = sentTo('/ping')
    t.match(verify(hook.secret, received!), { type: 'ping', timestamp: /^20/, data: {} })
    t.match(await (await ping()).json(), {
      delivered: false,
      response_status: 500,
      response_body: 'sorry',
      error: /500/,
    })
    t.match(await (await ping()).json(), { delivered: false, response_status: 410 })
    t.match(
      await getJson(`${service.url}/webhooks/${hook.id}`),
      { disabled_at: null },
      'a test disables nothing',
    )
    t.same((await log(hook.id)).items, [], 'it is no delivery')
    t.equal(new Set(sentTo('/ping').map(({ headers }) => headers['webhook-id'])).size, 3)
    await remove(hook.id)
    t.equal((await ping()).status, 404)
    const closed = await getJson<WebhookView>(`${service.url}/webhooks`, json({ url: 'http://127.0.0.1:9/' }))
    t.match(await (await ping(closed.id)).json(), { delivered: false, response_status: null, error: String })
    await remove(closed.id)
  })

  await t.test('events come signed, each once, those that were asked for', async t => {
    const all = await register('/all')
    const failed = await register('/failed', ['video.failed'])
    t.match(all.secret, /^whsec_[A-Za-z0-9+/]{43}=$/)
    const id = await video()
    await until(() => sentTo('/all').length >= 2 && sentTo('/failed').length > 0)
    const types = sentTo('/all').map(one => {
      const said = verify(all.secret, one) as { type: string; timestamp: string; data: { video_id: string } }
      t.equal(said.data.video_id, id)
      t.match(said.timestamp, /^\d{4}-.*Z$/)
      t.equal(one.headers['content-type'], 'application/json')
      return said.type
    })
    t.same(types.sort(), ['video.failed', 'video.uploaded'])
    t.equal(sentTo('/failed').length, 1)
    t.throws(() => verify(all.secret, sentTo('/failed')[0]!), 'each has a secret of its own')
    await until(async () => (await log(all.id, '?state=delivered')).items.length === 2)
    const { items, next_before } = await log(all.id, '?limit=1')
    t.match(items, [
      { type: 'video.failed', state: 'delivered', attempts: 1, response_status: 204, error: null },
    ])
    t.match((await log(all.id, `?limit=1&before=${next_before}`)).items, [{ type: 'video.uploaded' }])
    const { items: webhooks } = await getJson<{ items: WebhookView[] }>(`${service.url}/webhooks`)
    t.same(
      webhooks.map(one => [one.id, one.events, one.secret]),
      [
        [all.id, [], undefined],
        [failed.id, ['video.failed'], undefined],
      ],
      'secrets are shown once',
    )

    await t.test('once more where somebody asks', async t => {
      const [first] = items
      const again = await fetch(`${service.url}/webhooks/${all.id}/deliveries/${first!.id}/replay`, json())
      t.equal(again.status, 202)
      await until(() => sentTo('/all').length === 3)
      t.equal(sentTo('/all')[2]!.headers['webhook-id'], first!.event_id, 'under the same id')
      verify(all.secret, sentTo('/all')[2]!)
    })

    await t.test('two secrets while they are changed over', async t => {
      const { secret } = await getJson<WebhookView>(`${service.url}/webhooks/${all.id}/secrets`, json())
      t.not(secret, all.secret)
      const [first] = items
      await fetch(`${service.url}/webhooks/${all.id}/deliveries/${first!.id}/replay`, json())
      await until(() => sentTo('/all').length === 4)
      for (const one of [secret, all.secret]) verify(one, sentTo('/all')[3]!)
      t.match(sentTo('/all')[3]!.headers['webhook-signature'], /^v1,\S+ v1,\S+$/)
    })
    for (const one of [all, failed]) t.equal((await remove(one.id)).status, 204)
    t.equal((await remove(all.id)).status, 404)
  })

  await t.test('what is not taken comes again, also from another process', async t => {
    receiver.answer('/later', { status: 500, body: `no\0${'x'.repeat(5000)}` })
    const hook = await register('/later', ['video.uploaded'])
    receiver.answer('/moved', { status: 302, headers: { location: '/other' } })
    const moved = await register('/moved', ['video.uploaded'])
    receiver.answer('/upgrade', { status: 101 })
    const upgraded = await register('/upgrade', ['video.failed'])
    await video()
    const [failed] = await until(async () => {
      const { items } = await log(hook.id)
      return items[0]?.error && items
    })
    t.match(failed, { state: 'pending', attempts: 1, response_status: 500, error: /500/ })
    t.equal(failed!.response_body, `no${'x'.repeat(1021)}`, 'the beginning of the answer is kept')
    t.ok(Date.parse(failed!.next_attempt_at!) > Date.now())
    const refusal = await until(async () => (await log(upgraded.id)).items[0]?.error)
    t.notMatch(refusal, 'in time', 'what switches protocols is not waited for')
    await service.kill()
    service = await startService({
      env: { ...env, WEBHOOK_ALLOW_PRIVATE: 'on', DATA_DIR: service.dataDir },
    })
    // The attempt of a process that was killed has to be taken for dead first.
    for (const id of [hook.id, moved.id, upgraded.id])
      await until(async () => (await log(id)).items[0]!.state === 'delivered', { timeout: 120_000 })
    const [delivered] = (await log(hook.id)).items
    t.match(delivered, { response_status: 204, error: null })
    // One more where the process was killed in the middle of the second.
    t.ok(delivered!.attempts >= 2)
    t.equal(sentTo('/other').length, 0, 'a redirect is not followed')
    const [one, two] = sentTo('/later')
    t.equal(one!.headers['webhook-id'], two!.headers['webhook-id'])
    for (const sent of sentTo('/later')) verify(hook.secret, sent)
    await Promise.all([remove(hook.id), remove(moved.id), remove(upgraded.id)])
  })

  await t.test('410 ends it', async t => {
    receiver.answer('/gone', { status: 410 })
    const hook = await register('/gone', ['video.uploaded'])
    await video()
    await until(async () => (await getJson<WebhookView>(`${service.url}/webhooks/${hook.id}`)).disabled_at)
    const { items } = await log(hook.id)
    t.match(items, [{ state: 'failed', response_status: 410 }])
    await video()
    t.equal((await log(hook.id)).items.length, 1, 'nothing more is noted for it')
    const again = await fetch(`${service.url}/webhooks/${hook.id}/deliveries/${items[0]!.id}/replay`, json())
    t.equal(again.status, 409)
    await remove(hook.id)
  })

  await t.test('what is refused', async t => {
    for (const [body, field] of [
      [{}, 'url'],
      [{ url: 'x' }, 'url'],
      [{ url: 'ftp://example.com/' }, 'url'],
      [{ url: 'https://user:secret@example.com/' }, 'url'],
      [{ url: 'https://example.com/', events: ['video.nothing'] }, 'events.0'],
      [{ url: 'https://example.com/', secret: 'x' }, 'secret'],
    ] as const) {
      const answer = await fetch(`${service.url}/webhooks`, json(body))
      t.equal(answer.status, 400)
      t.match(await answer.json(), { field })
    }
    const unknown = '019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071'
    for (const path of [`/webhooks/${unknown}`, `/webhooks/${unknown}/deliveries`])
      t.equal((await fetch(service.url + path)).status, 404)
    t.equal((await fetch(`${service.url}/webhooks/x`)).status, 400)
  })

  await t.test('this machine and its network are not called unless that is meant', async t => {
    await service.stop()
    service = await startService({ env: { ...env, DATA_DIR: service.dataDir } })
    const hosts = [
      '127.0.0.1',
      '0x7f.1',
      '2130706433',
      '[::1]',
      '[::ffff:127.0.0.1]',
      '10.1.2.3',
      '169.254.169.254',
    ]
    for (const host of [...hosts, '[fe80::1]', '[fd00::1]', '[64:ff9b::7f00:1]', '0.0.0.0', '100.64.0.1']) {
      const answer = await fetch(`${service.url}/webhooks`, json({ url: `http://${host}/` }))
      t.equal(answer.status, 400, host)
      t.match(await answer.json(), { code: 'private_address', field: 'url' })
    }
    const before = receiver.received.length
    const hook = await register('/local', ['video.uploaded'], 'localhost')
    t.match(await getJson(`${service.url}/webhooks/${hook.id}/ping`, json()), {
      delivered: false,
      response_status: null,
      error:
        'localhost is not a public IP address. WEBHOOK_ALLOW_PRIVATE=on at the start of the server allows it.',
    })
    await video()
    const { items } = await until(async () => {
      const found = await log(hook.id)
      return found.items[0]?.error && found
    })
    t.match(items, [{ state: 'pending', error: 'localhost is not a public IP address.' }])
    t.equal(receiver.received.length, before, 'the resolved address is what is checked')
    await remove(hook.id)
  })
})
