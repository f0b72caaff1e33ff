import type { Test } from 'tap'
import { storedFiles } from './leftovers.ts'
import type { Service } from './service.ts'
import { until } from './until.ts'
import { endedVideo, getJson, sha256, type VideoView } from './video-api.ts'

/** What has to come out of an upload, whatever happened on the way: one video, the right bytes, one right transcript, no file that is nobody's. */
export async function oneRightVideo(
  t: Test,
  service: Service,
  source: Uint8Array,
  text: string,
): Promise<VideoView> {
  const { items } = await until(async () => {
    const page = await getJson<{ items: VideoView[] }>(`${service.url}/videos`)
    return page.items.length > 0 && page
  })
  t.equal(items.length, 1, 'exactly one video')
  const video = await endedVideo(service.url, items[0]!.id)
  t.equal(video.status, 'ready')
  t.equal(video.transcript, text)
  const answer = await fetch(`${service.url}/videos/${video.id}/source`)
  t.equal(sha256(Buffer.from(await answer.arrayBuffer())), sha256(source), 'the right bytes')
  t.equal(video.sha256, sha256(source))
  const transcript = await getJson<{ revision: number }>(`${service.url}/videos/${video.id}/transcript`)
  t.equal(transcript.revision, 1, 'exactly one transcript')
  const isSound = video.width === null
  const kinds = [
    ...['audio', 'audio_blocks', 'audio_download', 'peaks'],
    ...(isSound ? [] : ['playback', 'poster', 'poster_small', 'storyboard', 'storyboard_vtt']),
  ]
  const expected = [
    ...kinds.map(kind => new RegExp(`^artifacts/.*/${kind}-`)),
    new RegExp(`^uploads/${video.id}$`),
  ]
  const isExpected = (files: string[]) =>
    files.length === expected.length && files.every((file, index) => expected[index]!.test(file))
  const files = await until(async () => {
    const found = await storedFiles(service.dataDir)
    return isExpected(found) && found
  }).catch(() => storedFiles(service.dataDir))
  t.ok(isExpected(files), 'no left-over file', { files })
  return video
}

/** Deletes a video, after which there is nothing: the next to come out is another. */
export async function leaveNothing(service: Service, { id }: VideoView): Promise<void> {
  const { status } = await fetch(`${service.url}/videos/${id}?permanent=true`, { method: 'DELETE' })
  if (status !== 204) throw new Error(`DELETE: ${status}`)
  await until(async () => (await storedFiles(service.dataDir)).length === 0)
  await until(async () => (await eventsWaiting(service)) === 0)
}

/** How many events are in the outbox. */
export async function eventsWaiting({ url }: Service): Promise<number> {
  const metrics = await (await fetch(`${url}/metrics`)).text()
  return Number(/^longtake_outbox_events (\d+)$/m.exec(metrics)?.[1])
}
