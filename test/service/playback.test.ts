import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Browser } from 'playwright-core'
import t from 'tap'
import { playInBrowser, seekThrough, startBrowser } from '../support/browser.ts'
import { begunClip, mediaClip, trimmedClip, turnedClip } from '../support/media-clips.ts'
import { recordedClip } from '../support/recorded-clip.ts'
import { startService } from '../support/service.ts'
import { throwAwayDirectory } from '../support/throw-away-directory.ts'
import { endedVideo, postVideo } from '../support/video-api.ts'

const directory = throwAwayDirectory('playback')
const service = await startService()
let started: Promise<Browser> | undefined
const browser = () => (started ??= startBrowser())
t.teardown(async () => {
  await (await started)?.close()
  await service.stop()
})

interface Expected {
  readonly source: object
  readonly playback: string
  readonly type: string
  readonly codecs: string
  /** Whether twelve places are sought, and all of it is played. */
  readonly sought?: boolean
  /** Pixels of what plays, where they are not the source's. */
  readonly size?: readonly [number, number]
}

const mp4 = { type: 'video/mp4', codecs: 'h264,aac' }
const [h264, hevc] = [{ video_codec: 'h264' }, { video_codec: 'hevc' }]
const CASES: Record<string, readonly [path: () => Promise<string>, Expected]> = {
  'an MP4 that plays': [
    () => mediaClip('plays.mp4'),
    {
      source: { ...h264, container: 'mp4', frame_rate: 10, rotation: 0 },
      playback: 'source',
      sought: true,
      ...mp4,
    },
  ],
  'a WebM that plays': [
    () => mediaClip('plays.webm'),
    {
      source: { container: 'webm' },
      sought: true,
      playback: 'source',
      type: 'video/webm',
      codecs: 'vp8,opus',
    },
  ],
  'an MP4 with its index at the end': [
    () => mediaClip('index-last.mp4'),
    { source: { container: 'mp4' }, sought: true, playback: 'remux', ...mp4 },
  ],
  'a fragmented MP4': [
    () => mediaClip('fragmented.mp4'),
    { source: { container: 'mp4' }, playback: 'remux', ...mp4 },
  ],
  "a browser's recording in WebM": [
    () => recordedClip(browser, 'video/webm;codecs=vp8,opus'),
    {
      source: { container: 'webm' },
      sought: true,
      playback: 'remux',
      type: 'video/webm',
      codecs: 'opus,vp8',
    },
  ],
  "a browser's recording in MP4": [
    () => recordedClip(browser, 'video/mp4'),
    { source: { container: 'mp4' }, playback: 'remux', type: 'video/webm', codecs: 'opus,vp9' },
  ],
  "a browser's recording of sound": [
    () => recordedClip(browser, 'audio/webm'),
    { source: { width: null }, playback: 'remux', type: 'audio/webm', codecs: 'opus' },
  ],
  "a telephone's film, held upright": [
    () => turnedClip(),
    { source: { container: 'mov', rotation: 90, width: 120, height: 160 }, playback: 'remux', ...mp4 },
  ],
  'a film that is to be mirrored': [
    () => turnedClip('mirrored'),
    { source: { container: 'mov', width: 160, height: 120 }, playback: 'transcode', ...mp4 },
  ],
  'a broadcast': [
    () => mediaClip('broadcast.ts'),
    { source: { container: 'mpegts' }, playback: 'remux', ...mp4 },
  ],
  'sound that browsers do not play': [
    () => mediaClip('studio.mov'),
    { source: { audio_codec: 'pcm_s16le' }, playback: 'transcode', ...mp4 },
  ],
  'an old AVI': [
    () => mediaClip('old.avi'),
    { source: { container: 'avi' }, playback: 'transcode', type: 'video/mp4', codecs: 'h264,mp3' },
  ],
  HEVC: [() => mediaClip('hevc.mkv'), { source: hevc, sought: true, playback: 'transcode', ...mp4 }],
  'VP9 beside sound that is not for WebM': [
    () => mediaClip('vp9-aac.mkv'),
    { source: {}, playback: 'transcode', sought: true, type: 'video/webm', codecs: 'opus,vp9' },
  ],
  'open GOPs, whose key frames browsers cannot begin at': [
    () => mediaClip('open-gop.mp4'),
    { source: h264, playback: 'transcode', sought: true, type: 'video/mp4', codecs: 'h264' },
  ],
  'a film that was trimmed': [
    () => trimmedClip('head'),
    { source: h264, playback: 'transcode', sought: true, ...mp4 },
  ],
  'a broadcast that begins between key frames': [
    () => begunClip('broadcast.ts', 0.2),
    { source: { container: 'mpegts' }, playback: 'remux', sought: true, ...mp4 },
  ],
  AV1: [() => mediaClip('av1.mkv'), { source: { video_codec: 'av1' }, playback: 'transcode', ...mp4 }],
  'portrait in 4K': [
    () => mediaClip('portrait-4k.mkv'),
    {
      source: { ...hevc, width: 2160, height: 3840 },
      ...{ playback: 'transcode', type: 'video/mp4', codecs: 'h264', size: [1080, 1920] },
    },
  ],
  'an odd size': [
    () => mediaClip('odd.mkv'),
    {
      source: { ...h264, width: 161, height: 121 },
      ...{ playback: 'transcode', type: 'video/mp4', codecs: 'h264', size: [160, 120] },
    },
  ],
  'a picture': [
    () => mediaClip('moment.mp4'),
    { source: { ...h264, duration: 0.1 }, playback: 'remux', type: 'video/mp4', codecs: 'h264' },
  ],
  'a chime, too short for Chrome to seek in': [
    () => mediaClip('chime.flac'),
    { source: { audio_codec: 'flac' }, playback: 'transcode', type: 'audio/mp4', codecs: 'aac' },
  ],
  'a meeting, with a channel for each microphone': [
    () => mediaClip('meeting.wav'),
    { source: { container: 'wav' }, playback: 'transcode', type: 'audio/mp4', codecs: 'aac' },
  ],
  'a song': [
    () => mediaClip('song.mp3'),
    { source: { container: 'mp3' }, playback: 'source', type: 'audio/mpeg', codecs: 'mp3' },
  ],
}

interface Streams {
  readonly streams: { codec_name: string; pix_fmt?: string; sample_aspect_ratio?: string }[]
  readonly format: { duration: string }
}

async function look(path: string): Promise<Streams> {
  const { stdout } = await promisify(execFile)('ffprobe', [
    ...['-v', 'error', '-of', 'json', '-show_streams', '-show_format', path],
  ])
  return JSON.parse(stdout)
}

const posted = Object.entries(CASES).map(async ([name, [make, expected]]) => {
  const { id } = await postVideo(service.url, await make(), {}, { name: 'clip', type: 'video/mp4' })
  return { name, expected, id }
})

for (const { name, expected, id } of await Promise.all(posted)) {
  t.test(`${name} plays and seeks in a browser`, async t => {
    const video = await endedVideo(service.url, id)
    t.match(video, { status: 'ready', playback: expected.playback, ...expected.source })
    t.same(
      video.steps.filter(({ state }) => state === 'failed'),
      [],
    )
    const url = `${service.url}/videos/${id}/stream`
    const answer = await fetch(url)
    t.equal(answer.headers.get('content-type'), expected.type)
    t.match(answer.headers.get('content-disposition'), /^inline/)
    const played = join(directory, id)
    await writeFile(played, Buffer.from(await answer.arrayBuffer()))
    const { streams, format } = await look(played)
    t.equal(
      streams
        .map(stream => stream.codec_name)
        .sort()
        .join(),
      expected.codecs.split(',').sort().join(),
    )
    const picture = streams.find(stream => stream.pix_fmt)
    if (picture) t.match(picture, { pix_fmt: 'yuv420p' })
    const { duration, width, height } = video
    t.ok(Math.abs(Number(format.duration) - duration!) < 0.15, `${format.duration} s of ${duration} s`)

    const seen = await playInBrowser(await browser(), url, 0.9)
    const [seenWidth, seenHeight] = expected.size ?? [width ?? 0, height ?? 0]
    t.match(seen, {
      error: undefined,
      width: seenWidth,
      height: seenHeight,
      picture: picture !== undefined,
    })
    t.ok(Math.abs(seen.duration - duration!) < 0.15, `${seen.duration} s in the browser`)
    t.ok(Math.abs(seen.currentTime - 0.9 * seen.duration) < 0.1, `at ${seen.currentTime} s`)
    if (!expected.sought) return
    t.match(await seekThrough(await browser(), url), { error: undefined, reached: 12, ended: true })
  })
}
