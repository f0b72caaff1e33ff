import { randomBytes } from 'node:crypto'
import type { Test } from 'tap'
import type { LastingService } from '../../support/lasting-service.ts'
import { storedFiles } from '../../support/leftovers.ts'
import { tusUpload } from '../../support/tus-upload.ts'
import { until } from '../../support/until.ts'
import { getJson, sha256 } from '../../support/video-api.ts'

// The server is killed again and again while clients upload: what they were told is complete has to be there, once.

const KILLS = Number(process.env['KILLS'] ?? 3)
const CLIENTS = 20
/** Bytes; several chunks of a size that no other number here divides. */
const SIZE = 300_000
const CHUNK = 70_001
/** Longer than all the restarts together may take. */
const PATIENT = Array<number>(4000).fill(100)

/** Kills a service under many clients. */
export async function kills(t: Test, server: LastingService): Promise<void> {
  const before = await videosOf(server.service.url)
  let killing = true
  let chunks = 0
  const complete = new Map<string, string>()
  const failures: string[] = []

  /** One upload after another for as long as there are kills. */
  const client = async (number: number) => {
    while (killing) {
      const bytes = randomBytes(SIZE + number)
      const { done } = tusUpload(server.service.url, bytes, {
        chunkSize: CHUNK,
        retryDelays: PATIENT,
        uploadDataDuringCreation: number % 2 === 0,
        metadata: { filename: 'clip.mp4' },
        onChunkComplete: () => void chunks++,
        // 4xx that ask for patience are tried again like the rest; what is gone permanently would be another upload.
        onShouldRetry: () => true,
      })
      try {
        const id = await done
        if (complete.has(id)) failures.push(`${id} was named twice`)
        complete.set(id, sha256(bytes))
      } catch (error) {
        failures.push(String(error))
      }
    }
  }
  const clients = Array.from({ length: CLIENTS }, (_, number) => client(number))

  for (let kill = 1; kill <= KILLS; kill++) {
    // At another point of the uploads each time, and never before any has come further.
    const enough = chunks + 1 + Math.floor(Math.random() * 3 * CLIENTS)
    await until(() => chunks >= enough, { timeout: 120_000 })
    await server.service.kill()
    await server.startAgain()
  }
  killing = false
  await Promise.all(clients)

  t.same(failures, [], 'no client saw more than a retry')
  t.ok(complete.size >= CLIENTS, `${complete.size} uploads`)
  const wrong: string[] = []
  for (const [id, hash] of complete) {
    const source = await fetch(`${server.service.url}/videos/${id}/source`)
    if (source.status !== 200) wrong.push(`${id}: ${source.status}`)
    else if (sha256(await source.bytes()) !== hash) wrong.push(`${id}: other bytes`)
  }
  t.same(wrong, [], 'each has its bytes')

  const videos = (await videosOf(server.service.url)).filter(id => !before.includes(id))
  t.equal(new Set(videos).size, videos.length)
  const known = videos.filter(id => complete.has(id))
  t.equal(known.length, complete.size, 'each is one video')
  const strangers = videos.filter(id => !complete.has(id))
  // An upload of one request whose answer was lost would be done again, and be two; these take several.
  t.same(strangers, [], 'and there are no others')
  const files = await storedFiles(server.service.dataDir)
  t.comment(
    `${KILLS} kills, ${complete.size} uploads complete, ${chunks} chunks, ${files.length} files of any kind`,
  )
}

async function videosOf(url: string): Promise<string[]> {
  const videos: string[] = []
  for (let cursor = ''; ; ) {
    const page = await getJson<{ items: { id: string }[]; next_cursor: string | null }>(
      `${url}/videos?limit=100${cursor && `&cursor=${encodeURIComponent(cursor)}`}`,
    )
    videos.push(...page.items.map(({ id }) => id))
    if (!page.next_cursor) return videos
    cursor = page.next_cursor
  }
}
