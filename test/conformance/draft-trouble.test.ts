import t from 'tap'
import { DraftWire } from '../support/draft-wire.ts'
import { flavours } from '../support/flavours.ts'
import { startService } from '../support/service.ts'
import { TusWire } from '../support/tus-wire.ts'
import { until } from '../support/until.ts'

// What the draft answers when an upload has expired, or its database is away.

await flavours(t, async (t, flavour) => {
  const service = await startService({
    env: { ...flavour.env, UPLOAD_EXPIRY: '1', SWEEP_INTERVAL: '3600' },
  })
  t.teardown(() => service.kill())
  const draft = new DraftWire(service.url)

  await t.test('Limits: an upload whose max-age has passed is gone', async t => {
    const path = await draft.create('01234')
    await until(async () => (await draft.head(path)).status === 410)
    const answers = {
      PATCH: await draft.append(path, 5, true, '56789'),
      DELETE: await draft.send('DELETE', path),
      GET: await draft.send('GET', path),
    }
    for (const [method, { status, headers, text }] of Object.entries(answers)) {
      t.equal(status, 410, method)
      t.match(headers['content-type'], /^application\/problem\+json/)
      t.equal(JSON.parse(text).code, 'gone')
      t.equal(headers['upload-complete'], '?0')
      t.notOk(headers['upload-offset'])
    }
  })

  if (flavour.name === 'embedded') return
  await t.test('a 5xx while the database is away, after which the client may try again', async t => {
    const path = await draft.create('01234')
    const other = await new TusWire(service.url).create(5)
    await flavour.postgres.stop()
    const answers = {
      POST: await draft.post(true, 'bytes'),
      PATCH: await draft.append(path, 5, true, '56789'),
      HEAD: await draft.head(path),
      DELETE: await draft.send('DELETE', path),
    }
    for (const [method, { status, headers }] of Object.entries(answers)) {
      t.equal(status, 503, method)
      t.match(headers['content-type'], /^application\/problem\+json/)
      t.equal(headers['retry-after'], '1', method)
      t.equal(headers['upload-complete'], '?0')
    }
    t.ok((await new TusWire(service.url).head(other)).status < 500, 'tus: no 5xx to HEAD')
  })
})
