import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { DraftWire } from '../support/draft-wire.ts'
import { flavours } from '../support/flavours.ts'
import { startService } from '../support/service.ts'
import { uploadId } from '../support/tus-upload.ts'
import { TusWire } from '../support/tus-wire.ts'
import { sha256 } from '../support/video-api.ts'

// Ten clients write to one upload at once, each bytes of its own, round after round. One wins each round; whoever it is, between two
// offsets there are its bytes and nobody else's. The losers are told, or cut off.

const ROUNDS = Number(process.env['ROUNDS'] ?? 4)
const CLIENTS = 10
/** Bytes; the larger take longer than the others need to come. */
const SIZES = [1, 5000, 300_000, 3_000_000]

await flavours(t, async (t, { env }) => {
  const service = await startService({ env })
  t.teardown(() => service.stop())
  const tus = new TusWire(service.url)
  const draft = new DraftWire(service.url)

  await t.test(`${CLIENTS} clients on one upload, ${ROUNDS} rounds`, async t => {
    const path = await tus.create('deferred')
    const stored = (from: number, to: number) => readFileSync(join(service.dataDir, path)).subarray(from, to)
    const statuses: Record<string, number> = {}
    const wrong: string[] = []
    let offset = 0
    for (let round = 1; round <= ROUNDS; round++) {
      const at = offset
      const size = SIZES[round % SIZES.length]!
      const clients = Array.from({ length: CLIENTS }, async (_, client) => {
        const body = Buffer.alloc(size, client + 1)
        // In turns over both protocols: they are the same uploads.
        const sent = client % 2 ? draft.append(path, at, false, body) : tus.patch(path, at, body)
        const answer = await sent.catch(() => ({ status: 'cut off', headers: {} as Record<string, string> }))
        statuses[answer.status] = (statuses[answer.status] ?? 0) + 1
        if (answer.status !== 204) return
        const told = Number(answer.headers['upload-offset'])
        const whose = new Set(stored(at, told))
        if (whose.size > 1 || !whose.has(client + 1))
          wrong.push(`round ${round}: told ${client}, has ${[...whose]}`)
      })
      await Promise.all(clients)
      offset = await tus.offset(path)
      const whose = new Set(stored(at, offset))
      if (whose.size > 1) wrong.push(`round ${round}: mixed ${[...whose]}`)
    }
    t.same(wrong, [])
    const { 204: won, 409: conflicts, 423: locked, 'cut off': cut, ...others } = statuses
    t.same(others, {}, 'losers get 409 or 423')
    t.ok((won ?? 0) <= ROUNDS, 'one wins a round at most')
    t.comment(JSON.stringify({ won, conflicts, locked, cut, offset }))
    const end = await tus.patch(path, offset, 'end', { 'upload-length': offset + 3 })
    t.equal(end.status, 204)
    const source = await fetch(`${service.url}/videos/${uploadId(path)}/source`)
    t.equal(sha256(await source.bytes()), sha256(stored(0, offset + 3)), 'one video of just that')
  })
})
