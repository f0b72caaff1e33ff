import { createHash, randomBytes } from 'node:crypto'
import { join } from 'node:path'
import t from 'tap'
import { type CutDisk, cutDisk } from '../support/cut-disk.ts'
import { seedEmbeddedDatabase } from '../support/embedded-database.ts'
import { flavours } from '../support/flavours.ts'
import { freeze } from '../support/freeze.ts'
import { type Service, startService } from '../support/service.ts'
import { uploadId } from '../support/tus-upload.ts'
import { TusWire } from '../support/tus-wire.ts'
import { until } from '../support/until.ts'
import { sha256 } from '../support/video-api.ts'

// The power goes while uploads run: a file system of its own is shut down in the kernel, so that whatever was not synced is lost; the
// process is killed; then the journal is replayed and the service starts again. What a client was told has to be there.

const ROUNDS = Number(process.env['ROUNDS'] ?? 2)
const CLIENTS = 6
const MIB = 2 ** 20
const NO_SYNC = `--import=${join(import.meta.dirname, '..', 'support', 'no-sync.ts')}`
/** How many acknowledgements a round waits for before the cut, at most: each round is cut at another point. */
const SPREAD = 60

/** An upload, and the most that a client was told of it. */
interface Told {
  readonly path: string
  readonly bytes: Buffer
  offset: number
  finished: boolean
}

/** Uploads one after another until the service is gone, by PATCHes of any size, some with a checksum, right or wrong. */
async function client(service: Service, told: Told[], onTold: () => void): Promise<void> {
  const tus = new TusWire(service.url)
  try {
    for (;;) {
      const bytes = randomBytes(1 + Math.floor(Math.random() * 300_000))
      const entry: Told = { path: await tus.create(bytes.length), bytes, offset: 0, finished: false }
      told.push(entry)
      onTold()
      while (entry.offset < bytes.length) {
        const size = 1 + Math.floor(Math.random() * 100_000)
        const piece = bytes.subarray(entry.offset, entry.offset + size)
        const how = Math.floor(Math.random() * 4)
        if (how === 0) {
          const sum = { 'upload-checksum': `sha1 ${createHash('sha1').update('x').digest('base64')}` }
          const { status } = await tus.patch(entry.path, entry.offset, randomBytes(piece.length), sum)
          if (status !== 460) throw new Error(`a wrong checksum: ${status}`)
        } else if (how === 1) {
          entry.offset = Math.max(entry.offset, await tus.offset(entry.path))
        } else {
          const sum = how === 2 && {
            'upload-checksum': `sha1 ${createHash('sha1').update(piece).digest('base64')}`,
          }
          const { status, headers } = await tus.patch(entry.path, entry.offset, piece, sum || {})
          if (status !== 204) throw new Error(`PATCH: ${status}`)
          entry.offset = Number(headers['upload-offset'])
          entry.finished = entry.offset === bytes.length
        }
        onTold()
      }
    }
  } catch {
    // The power is gone.
  }
}

type Env = Readonly<Record<string, string | undefined>>

interface Round {
  readonly again: Service
  readonly told: number
  readonly finished: number
  /** What clients were told and is not so. */
  readonly lost: string[]
}

/** Uploads, cuts the power, starts again and looks. The service that it has started runs on. */
async function round(disk: CutDisk, service: Service, env: Env): Promise<Round> {
  const told: Told[] = []
  let left = 4 * CLIENTS + Math.floor(Math.random() * SPREAD)
  const enough = Promise.withResolvers<void>()
  const onTold = () => void (--left <= 0 && enough.resolve())
  const clients = Promise.all(Array.from({ length: CLIENTS }, () => client(service, told, onTold)))
  await Promise.race([enough.promise, clients])
  // Both at once: what runs on with a disk that fails would take what it cannot sync for lost, and say so in a database that is elsewhere.
  await freeze(service.pid)
  disk.cut()
  await service.kill()
  await clients
  // What the service had started, such as ffmpeg, may hold files open for a moment.
  await until(() => {
    disk.remount()
    return true
  })

  const again = await startService({ env })
  const lost: string[] = []
  for (const entry of told) {
    const complaint = await complaintOf(again, entry).catch(String)
    if (complaint) lost.push(`${entry.path}, told ${entry.offset} of ${entry.bytes.length}: ${complaint}`)
  }
  return { again, told: told.length, finished: told.filter(({ finished }) => finished).length, lost }
}

/** What is wrong with an upload after the cut; undefined where nothing is. It is brought to its end, because then its bytes show. */
async function complaintOf(service: Service, { path, bytes, ...entry }: Told): Promise<string | undefined> {
  const tus = new TusWire(service.url)
  const offset = await tus.offset(path)
  if (offset < entry.offset) return `offset ${offset}`
  const source = `${service.url}/videos/${uploadId(path)}/source`
  if (entry.finished && (await fetch(source)).status !== 200) return 'no video'
  if (offset < bytes.length) {
    const { status } = await tus.patch(path, offset, bytes.subarray(offset))
    if (status !== 204) return `cannot go on: ${status}`
  }
  const got = await fetch(source)
  if (got.status !== 200) return `source: ${got.status}`
  return sha256(await got.bytes()) === sha256(bytes) ? undefined : 'other bytes'
}

/** Why this machine cannot do it: somebody's own may be without root or loop devices, but where CI is set they are to be there. */
function obstacle(): string | undefined {
  try {
    cutDisk('power', 16 * MIB)
  } catch (error) {
    if (process.env['CI']) throw error
    return `a file system cannot be mounted here: ${error}`
  }
}

const reason = obstacle()
if (reason) {
  await t.test('the power is cut', { skip: reason }, async () => {})
} else {
  await flavours(t, async (t, flavour) => {
    const newDisk = async () => {
      const disk = cutDisk('power', 256 * MIB)
      const dataDir = join(disk.directory, 'data')
      if (flavour.name === 'embedded') await seedEmbeddedDatabase(dataDir)
      // A copy is not synced, as a database is that Longtake has made.
      disk.sync()
      const own = flavour.name === 'served' && { DATABASE_URL: await flavour.postgres.createDatabase() }
      return { disk, env: { ...flavour.env, ...own, DATA_DIR: dataDir } }
    }

    await t.test('nothing that a client was told is lost', async t => {
      const { disk, env } = await newDisk()
      let service = await startService({ env })
      t.teardown(() => service.kill())
      let told = 0
      let finished = 0
      for (let number = 1; number <= ROUNDS; number++) {
        const result = await round(disk, service, env)
        service = result.again
        told += result.told
        finished += result.finished
        t.same(result.lost, [], `cut ${number}: ${result.told} uploads, ${result.finished} finished`)
      }
      t.comment(`${ROUNDS} cuts, ${told} uploads, ${finished} of them finished before`)
      t.ok(told >= ROUNDS * CLIENTS, 'there was something to lose')
    })

    await t.test('without syncs something is: the test can tell', async t => {
      const { disk, env } = await newDisk()
      const forgetful = await startService({ env: { ...env, NODE_OPTIONS: NO_SYNC } })
      t.teardown(() => forgetful.kill())
      const lost = await round(disk, forgetful, env).then(
        async ({ again, lost }) => {
          await again.kill()
          return lost
        },
        // A database that cannot be opened any more is a loss too.
        error => [String(error)],
      )
      t.comment(lost.slice(0, 3).join('\n').slice(0, 500))
      t.not(lost.length, 0)
    })
  })
}
