import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { clip } from '../support/clips.ts'
import { startService } from '../support/service.ts'
import { TusWire } from '../support/tus-wire.ts'
import { endedVideo, getJson, postVideo } from '../support/video-api.ts'
import { suffer, withFault } from '../support/with-fault.ts'

// PostgreSQL in the service reads the clock of the service: all of its times jump.

/** Several sweeps, each of which would remove what looks old. */
const SWEEPS_MS = 3500
const path = await clip({ seconds: 2 })

t.test('a clock that jumps days ahead or back takes nothing away', async t => {
  const service = await startService({
    env: { SWEEP_INTERVAL: '1', UPLOAD_EXPIRY: '1h', ...withFault('later') },
  })
  t.teardown(() => service.kill())
  const { url } = service
  const tus = new TusWire(url)
  const upload = await tus.create(10)
  const part = await tus.create(5, { 'upload-concat': 'partial' })
  await tus.patch(part, 0, 'parts')
  await tus.patch(upload, 0, '01234')
  const recording = await getJson<{ id: string }>(`${url}/recordings`, { method: 'POST' })
  const chunks = `${url}/recordings/${recording.id}/chunks`
  t.equal((await fetch(`${chunks}/0`, { method: 'PUT', body: 'first' })).status, 200)
  const begin = () =>
    getJson<{ id: string }>(`${url}/recordings`, { method: 'POST', headers: { 'idempotency-key': 'once' } })
  const once = await begin()

  for (const fault of ['clock-ahead', 'clock-right', 'clock-behind', 'clock-right']) {
    await suffer(service, fault)
    await sleep(SWEEPS_MS)
    t.equal(await tus.offset(upload), 5, `${fault}: an upload is where it was`)
    t.equal(await tus.offset(part), 5, `${fault}: so is a part`)
    t.match(
      await getJson(`${url}/recordings/${recording.id}`),
      { status: 'recording' },
      `${fault}: a recording goes on`,
    )
    t.same((await begin()).id, once.id, `${fault}: a key is remembered`)
  }
  t.equal((await tus.patch(upload, 5, '56789')).status, 204)
  t.equal((await fetch(`${chunks}/1`, { method: 'PUT', body: 'second' })).status, 200)
  t.equal((await endedVideo(url, (await postVideo(url, path)).id)).status, 'ready', 'and work is done')
})
