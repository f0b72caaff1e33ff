import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { ffmpeg } from '../support/clips.ts'
import { damagedClip, mediaClip, trimmedClip } from '../support/media-clips.ts'
import { NatsServer } from '../support/nats-server.ts'
import { startPostgres } from '../support/postgres.ts'
import { startService } from '../support/service.ts'
import { throwAwayDirectory } from '../support/throw-away-directory.ts'
import { endedVideo, getJson, postVideo, type VideoView } from '../support/video-api.ts'

const directory = throwAwayDirectory('trimmed')

/** Another edit list for the last track: it ends after so many seconds (ISO/IEC 14496-12 §8.6.6). */
async function withLastTrackCut(path: string, seconds: number): Promise<string> {
  const bytes = await readFile(path)
  const units = bytes.readUInt32BE(bytes.indexOf('mvhd') + 16)
  bytes.writeUInt32BE(Math.round(seconds * units), bytes.lastIndexOf('elst') + 12)
  const cut = join(directory, 'last-track-cut.mp4')
  await writeFile(cut, bytes)
  return cut
}

/** A film with two sounds. */
async function twoSounds(): Promise<string> {
  const path = join(directory, 'two-sounds.mp4')
  const film = await mediaClip('plays.mp4')
  const maps = ['-map', '0', '-map', '0:a', '-c', 'copy', '-movflags', '+faststart']
  await ffmpeg(['-i', film, ...maps, path])
  return path
}

/** A trimmed film whose media is noise. */
async function ruined(): Promise<string> {
  const bytes = await readFile(await trimmedClip('head'))
  const media = bytes.indexOf('mdat') + 4
  bytes.fill(0xa5, media, media + bytes.readUInt32BE(media - 8) - 8)
  const path = join(directory, 'ruined.mp4')
  await writeFile(path, bytes)
  return path
}

const TRIMMED = {
  'in front': () => trimmedClip('head'),
  'at both ends, as QuickTime does': () => trimmedClip('both ends'),
  'in fragments': () => trimmedClip('head, in fragments'),
  'in one of two sounds': async () => withLastTrackCut(await twoSounds(), 2),
  'and ruined': ruined,
}
const WHOLE = {
  MP4: () => mediaClip('plays.mp4'),
  'MP4 with two sounds': twoSounds,
  'MP4 with B-frames, whose edit list leaves nothing out': () => mediaClip('open-gop.mp4'),
  'MP4 in fragments': () => mediaClip('fragmented.mp4'),
  MOV: () => mediaClip('camera.mov'),
  WebM: () => mediaClip('plays.webm'),
  'a damaged MP4': () => damagedClip('plays.mp4', 0.5),
}

t.test('what an owner cut off is in nothing that plays, at no time', async t => {
  const [postgres, nats] = await Promise.all([startPostgres(), NatsServer.start()])
  t.teardown(() => Promise.all([postgres.stop(), nats.stop()]))
  const served = { DATABASE_URL: await postgres.createDatabase(), NATS_URL: nats.url }
  const env = { ...served, DATA_DIR: throwAwayDirectory('data') }
  const api = await startService({ env: { ...env, ROLE: 'api' } })
  t.teardown(() => api.stop())

  const post = async (films: Record<string, () => Promise<string>>) => {
    const posted: [string, VideoView][] = []
    for (const [name, make] of Object.entries(films))
      posted.push([name, await postVideo(api.url, await make())])
    return posted
  }
  const [trimmed, whole] = [await post(TRIMMED), await post(WHOLE)]
  /** Everything that a player can be given. */
  const played = async (id: string) => {
    const signed = await getJson<{ links: Record<string, string> }>(`${api.url}/videos/${id}/links`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ kinds: ['stream', 'embed'] }),
    })
    const { pathname, search } = new URL(signed.links['stream']!, api.url)
    const embedded = new URL(signed.links['embed']!, api.url).search
    return [
      `/videos/${id}/stream`,
      `/api/videos/${id}/stream/`,
      pathname + search,
      `/videos/${id}/stream${embedded}`,
    ]
  }
  const answers = async (id: string) => {
    const asked = (await played(id)).flatMap(path => [
      fetch(api.url + path),
      fetch(api.url + path, { method: 'HEAD' }),
      fetch(api.url + path, { headers: { range: 'bytes=0-99' } }),
    ])
    return Promise.all(asked)
  }
  const statuses = async (id: string) => (await answers(id)).map(({ status }) => status)

  for (const [name, { id }] of trimmed) {
    t.same([...new Set(await statuses(id))], [404], `cut ${name}, before anybody has looked`)
    const answer = await fetch(`${api.url}/videos/${id}/stream`)
    t.match(await answer.json(), { code: 'not_ready', step: 'playback' })
    t.ok(Number(answer.headers.get('retry-after')) > 0)
    t.equal((await fetch(`${api.url}/videos/${id}/source`)).status, 200, 'its owner can have all of it back')
  }
  for (const [name, { id }] of whole)
    t.same([...new Set(await statuses(id))].sort(), [200, 206], `${name}, before anybody has looked`)

  const worker = await startService({ env: { ...env, ROLE: 'worker' } })
  t.teardown(() => worker.stop())
  for (const [name, { id }] of trimmed) {
    const video = await endedVideo(api.url, id)
    if (name === 'and ruined') {
      t.same([...new Set(await statuses(id))], [404])
      const { code, reason } = (await (await fetch(`${api.url}/videos/${id}/stream`)).json()) as Record<
        string,
        string
      >
      t.match({ code, reason }, { code: 'not_found', reason: 'probe_failed' })
      continue
    }
    t.not(video.playback, 'source', name)
    t.ok(video.streams.some(stream => stream.trimmed))
    const source = Buffer.from(await (await fetch(`${api.url}/videos/${id}/source`)).arrayBuffer())
    for (const answer of await answers(id)) {
      t.ok(answer.ok)
      t.notOk(source.equals(Buffer.from(await answer.arrayBuffer())), name)
    }
  }
  for (const [name, { id }] of whole)
    t.notOk(
      (await endedVideo(api.url, id)).streams.some(stream => stream.trimmed),
      name,
    )
})
