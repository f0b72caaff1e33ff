import { randomBytes } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import t from 'tap'
import { type Fault, startFaultyProxy } from '../support/faulty-proxy.ts'
import { flavours } from '../support/flavours.ts'
import { freePort } from '../support/free-port.ts'
import { storedFiles } from '../support/leftovers.ts'
import { cut, Recorder } from '../support/recorder.ts'
import { type Service, startService } from '../support/service.ts'
import { TusWire } from '../support/tus-wire.ts'
import { until } from '../support/until.ts'
import { withFault } from '../support/with-fault.ts'

// Recordings on servers that die and networks that do harm. SEED repeats a run, PIECES and KILLS make it longer.

const SEED = Number(process.env['SEED'] ?? Date.now() % 2 ** 31)
const PIECES = Number(process.env['PIECES'] ?? 60)
const KILLS = Number(process.env['KILLS'] ?? 1)
const CLIENTS = 4

/** mulberry32: numbers from 0 up to 1, the same for the same seed. */
function generator(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Where a server dies while it takes the first two pieces: which fault, and the piece that is being sent. */
const DEATHS = {
  embedded: [
    ['before-piece-row', 0],
    ['before-join', 0],
    ['before-offset', 1],
    ['before-removal', 1],
  ],
  // Where the database is another process.
  served: [['before-offset', 0]],
} as const

await flavours(t, async (t, { env, name }) => {
  const settings: Record<string, string> = { ...env, PORT: String(await freePort()), SWEEP_INTERVAL: '1' }
  let service: Service | undefined
  t.teardown(() => service?.kill())
  const restart = async (fault?: string) => {
    await service?.kill()
    service = await startService({ env: { ...settings, ...(fault && withFault(fault)) } })
    settings['DATA_DIR'] = service.dataDir
  }
  const recorder = new Recorder(() => service!.url)
  const tus = new TusWire(() => service!.url)
  const bytesOf = async (id: string) => (await fetch(`${service!.url}/videos/${id}/source`)).bytes()
  const piecesLeft = async () =>
    (await storedFiles(service!.dataDir)).filter(file => file.startsWith('recordings/'))

  await t.test('killed at each step of a piece, and of the end', async t => {
    const pieces = cut(randomBytes(50_000), 10)
    let id = ''
    for (const [fault, number] of DEATHS[name]) {
      await restart(fault)
      id ||= await recorder.create()
      await t.rejects(recorder.put(id, number, pieces[number]!), fault)
      await service!.exited
    }
    await restart('before-commit')
    if (name === 'served') {
      const offset = await tus.offset(`/uploads/${id}`)
      t.equal(offset, 0, 'bytes that the row does not know of are none')
      t.equal((await tus.patch(`/uploads/${id}`, offset, 'by tus')).status, 204)
    }
    for (const [number, piece] of pieces.entries())
      t.equal((await recorder.put(id, number, piece)).status, 200)
    const all = Buffer.concat(name === 'served' ? [Buffer.from('by tus'), ...pieces] : pieces)
    const size = all.length
    t.match(await recorder.state(id), { next: 10, missing: [], bytes: size, offset: size })
    await t.rejects(recorder.finalize(id), 'killed between the closing and the video')
    await service!.exited
    await restart()
    const video = await until(async () => (await recorder.state(id)).video)
    t.match(video, { id, incomplete: false, size }, 'which comes without the client')
    t.ok(all.equals(await bytesOf(id)))
    t.match((await recorder.finalize(id)).body, { status: 'finished' })
    await until(async () => (await piecesLeft()).length === 0)
  })

  await t.test('random orders, repetitions, cut connections and kills', async t => {
    t.comment(`SEED=${SEED}`)
    const random = generator(SEED)
    const below = (end: number) => Math.floor(random() * end)
    const pieces = Array.from({ length: PIECES }, () =>
      Buffer.from(Array.from({ length: below(6000) }, () => below(256))),
    )
    const kinds: (() => Fault)[] = [
      () => ({ kind: 'none' }),
      () => ({ kind: 'cut', after: below(6000) }),
      () => ({ kind: 'cut-answer', after: below(300) }),
      () => ({ kind: 'half-open', after: below(6000) }),
    ]
    const proxy = await startFaultyProxy(service!.url, () => kinds[below(kinds.length)]!())
    t.teardown(() => proxy.close())
    const bad = new Recorder(() => proxy.url)
    const id = await recorder.create()
    /** Numbers to be sent, some more than once; out of order by up to a dozen. */
    const plan = pieces
      .flatMap((_, number) => (below(4) === 0 ? [number, number] : [number]))
      .map(number => ({ number, at: number + below(12) }))
      .sort((a, b) => a.at - b.at)
      .map(({ number }) => number)
    let sent = 0
    let refusals = 0
    const client = async () => {
      for (let number = plan.shift(); number !== undefined; number = plan.shift()) {
        for (;;) {
          const answer = await bad.put(id, number, pieces[number]!).catch(() => undefined)
          if (answer?.status === 200) break
          if (answer) refusals++
          else await pause(20)
          if (answer && ![400, 503].includes(answer.status))
            throw new Error(`${number}: ${answer.status} ${JSON.stringify(answer.body)} SEED=${SEED}`)
        }
        sent++
      }
    }
    const clients = Array.from({ length: CLIENTS }, client)
    for (let kill = 1; kill <= KILLS; kill++) {
      await until(() => sent >= (PIECES * kill) / (KILLS + 1))
      await restart()
    }
    await Promise.all(clients)
    t.match(await recorder.state(id), { next: PIECES, missing: [] })
    const closed = await recorder.finalize(id, { chunks: PIECES })
    t.match(closed.body, { status: 'finished', incomplete: false }, JSON.stringify(closed.body))
    t.ok(Buffer.concat(pieces).equals(await bytesOf(id)), `the right bytes, SEED=${SEED}`)
    t.ok(proxy.connections > PIECES, `${proxy.connections} connections, ${refusals} refusals`)
    await until(async () => (await piecesLeft()).length === 0)
  })
})
