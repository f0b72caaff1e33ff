import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { statSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { join } from 'node:path'
import t from 'tap'
import { flavours } from '../support/flavours.ts'
import { openRequest, type RawAnswer, rawRequest } from '../support/raw-request.ts'
import { startService } from '../support/service.ts'
import { uploadId } from '../support/tus-upload.ts'
import { until } from '../support/until.ts'
import { sha256 } from '../support/video-api.ts'

const SIZE = 4 * 2 ** 20
const BYTES = randomBytes(SIZE)
const TUS = { 'tus-resumable': '1.0.0' }

await flavours(t, async (t, { env }) => {
  const service = await startService({ env })
  t.teardown(() => service.stop())

  const create = async (length = SIZE) => {
    const answer = await rawRequest(service.url, '/uploads', {
      method: 'POST',
      headers: { ...TUS, 'upload-length': length },
    })
    t.equal(answer.status, 201)
    return answer.headers.location!
  }
  const offsetOf = async (path: string) => {
    const { status, headers } = await rawRequest(service.url, path, { method: 'HEAD', headers: TUS })
    return status === 200 ? Number(headers['upload-offset']) : `status ${status}`
  }
  const openPatch = (path: string, offset: number, size = SIZE - offset) => {
    const headers = {
      ...TUS,
      'content-type': 'application/offset+octet-stream',
      'upload-offset': offset,
      'content-length': size,
    }
    return openRequest(service.url, path, { method: 'PATCH', headers })
  }
  const sourceOf = async (path: string) =>
    sha256(await (await fetch(`${service.url}/videos/${uploadId(path)}/source`)).bytes())

  await t.test('HEAD does not cut a live PATCH, and names no more than what is stored', async t => {
    let path: string
    let answered: RawAnswer | undefined
    let longest: number
    // Where the machine stood still for about as long as makes a PATCH a stalled one (2 s), it may have been taken for one: once more.
    do {
      path = await create()
      longest = 0
      const stored = join(service.dataDir, path)
      const { outgoing, answer } = openPatch(path, 0)
      const gone = new Promise(resolve => outgoing.once('close', resolve))
      const named: number[] = []
      const step = 64 * 1024
      for (let at = 0; at < SIZE; at += step) {
        const began = performance.now()
        if (!outgoing.write(BYTES.subarray(at, at + step)))
          await Promise.race([once(outgoing, 'drain').catch(() => {}), gone])
        const offset = Number(await offsetOf(path))
        t.ok(offset <= statSync(stored).size && offset <= at + step, `${offset} of ${at + step} bytes`)
        named.push(offset)
        longest = Math.max(longest, performance.now() - began)
      }
      outgoing.end()
      answered = await answer.catch(() => undefined)
      t.same(
        named,
        named.toSorted((a, b) => a - b),
      )
    } while (answered?.status !== 204 && longest > 1000)
    t.equal(answered?.status, 204)
    t.equal(answered?.headers['upload-offset'], `${SIZE}`)
    t.equal(await offsetOf(path), SIZE)
    t.equal(await sourceOf(path), sha256(BYTES))
  })

  await t.test('a PATCH takes over from one that is stalled, without losing what that has sent', async t => {
    const path = await create()
    const stalled = openPatch(path, 0)
    stalled.outgoing.write(BYTES.subarray(0, 3 * 2 ** 20))
    // The first batches are on the disk: the server has begun to read.
    await until(() => statSync(join(service.dataDir, path)).size >= 2 ** 20)

    const early = openPatch(path, 0, 10)
    early.outgoing.end(BYTES.subarray(0, 10))
    const refused = await early.answer
    t.equal(refused.status, 409)
    const kept = Number(refused.headers['upload-offset'])
    t.ok(kept >= 2 ** 20, `the answer says where to go on: ${kept}`)
    t.equal(await offsetOf(path), kept)

    const next = openPatch(path, kept)
    next.outgoing.end(BYTES.subarray(kept))
    t.equal((await next.answer).status, 204)
    t.equal(await sourceOf(path), sha256(BYTES))
    stalled.outgoing.destroy()
  })

  await t.test('HEAD frees an upload from a PATCH at whose end nobody is', async t => {
    const path = await create()
    const stalled = openPatch(path, 0)
    stalled.outgoing.write(BYTES.subarray(0, 100_000))
    // Less than a batch: it is stored only once somebody asks for it.
    t.equal(await until(async () => (await offsetOf(path)) === 100_000), true)
    const next = openPatch(path, 100_000)
    next.outgoing.end(BYTES.subarray(100_000))
    t.equal((await next.answer).status, 204)
    t.equal(await sourceOf(path), sha256(BYTES))
    stalled.outgoing.destroy()
  })

  await t.test('of two that send the same bytes at once, one video comes', async t => {
    const path = await create()
    const both = [openPatch(path, 0), openPatch(path, 0)]
    for (const { outgoing } of both) outgoing.end(BYTES)
    const answers = await Promise.allSettled(both.map(({ answer }) => answer))
    const statuses = answers.map(answer => (answer.status === 'fulfilled' ? answer.value.status : 'cut'))
    t.ok(
      statuses.every(status => typeof status === 'string' || status < 500),
      `${statuses}`,
    )
    const offset = Number(await offsetOf(path))
    if (offset < SIZE) {
      const last = openPatch(path, offset)
      last.outgoing.end(BYTES.subarray(offset))
      t.equal((await last.answer).status, 204)
    }
    t.equal(await sourceOf(path), sha256(BYTES))
  })

  await t.test('the last PATCH again, and an empty one at the end, change nothing', async t => {
    const path = await create()
    for (const offset of [0, SIZE, SIZE]) {
      const { outgoing, answer } = openPatch(path, offset)
      outgoing.end(BYTES.subarray(offset))
      const { status, headers } = await answer
      t.equal(status, 204)
      t.equal(headers['upload-offset'], `${SIZE}`)
    }
    const again = openPatch(path, 0, 10)
    again.outgoing.end(BYTES.subarray(0, 10))
    const { status, headers } = await again.answer
    t.equal(status, 409)
    t.equal(headers['upload-offset'], `${SIZE}`)
    t.equal(await sourceOf(path), sha256(BYTES))
  })

  await t.test('a connection is good for any number of requests', async t => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    t.teardown(() => agent.destroy())
    const path = await create()
    const sockets = new Set<unknown>()
    for (let i = 0; i < 20; i++) {
      const asked = request(`${service.url}${path}`, { method: 'OPTIONS', headers: TUS, agent }).end()
      const [response] = await once(asked, 'response')
      sockets.add(asked.socket)
      response.resume()
      await once(response, 'end')
      t.equal(response.statusCode, 200)
    }
    t.equal(sockets.size, 1)
    t.notMatch(service.output.join('\n'), 'Warning')
  })
})
