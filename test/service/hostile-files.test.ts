import { execFile } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { copyFile, readFile, writeFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { promisify } from 'node:util'
import t, { type Test } from 'tap'
import { startCanary } from '../support/canary.ts'
import { clip } from '../support/clips.ts'
import { decodeAudio } from '../support/decode-audio.ts'
import {
  damaged,
  foreignData,
  hugeJpeg,
  hugePng,
  longPromise,
  longSilence,
  manyStreams,
  playlistInAvi,
} from '../support/hostile-files.ts'
import {
  hugeH264,
  hugeVp9,
  hungryPictures,
  largeStreams,
  linkedMatroska,
  lyingTables,
  manyPids,
  referenceMovie,
} from '../support/hostile-shapes.ts'
import { mediaClip } from '../support/media-clips.ts'
import { startService } from '../support/service.ts'
import { throwAwayDirectory } from '../support/throw-away-directory.ts'
import { hearWords } from '../support/tone-words.ts'
import { tusUpload } from '../support/tus-upload.ts'
import { until } from '../support/until.ts'
import { endedVideo, type VideoView } from '../support/video-api.ts'

/** How many damaged copies of good files are sent, and how many hours of silence. */
const DAMAGED = Number(process.env['DAMAGED'] ?? 3)
/** Whether pictures are sent as well that take long to be made. */
const HUNGRY = process.env['HUNGRY'] === '1'
const SILENT_HOURS = Number(process.env['SILENT_HOURS'] ?? 0.25)
/** Bytes of memory that no media program may take. */
const MOST_MEMORY = 500 * 2 ** 20
/** Milliseconds. */
const PATIENCE = 1_800_000

const directory = throwAwayDirectory('hostile-files')
// Somebody else's video, and a server that nothing may call.
const secret = join(directory, 'secret.mp4')
await copyFile(await clip({ words: [{ word: 'queen', start: 0.5 }], seconds: 3 }), secret)
// And one that would be seen: it shows nothing but magenta.
const seen = join(directory, 'seen.mp4')
const magenta = ['-f', 'lavfi', '-i', 'color=magenta:size=160x120:rate=10:duration=3']
await promisify(execFile)('ffmpeg', [
  '-v',
  'error',
  ...magenta,
  '-c:v',
  'libx264',
  '-pix_fmt',
  'yuv420p',
  seen,
])
const good = await clip({ words: [{ word: 'apple', start: 0.5 }], seconds: 3, faststart: false })
const canary = await startCanary(t)
const { port } = canary

const service = await startService()
t.teardown(() => service.stop())

let peak = 0
const watch = setInterval(() => {
  for (const pid of mediaPrograms()) {
    const kilobytes = /VmHWM:\s*(\d+)/.exec(read(`/proc/${pid}/status`))?.[1]
    peak = Math.max(peak, Number(kilobytes ?? 0) * 1024)
  }
}, 20)
t.teardown(() => clearInterval(watch))

/** Those that the service has started, also below the launchers of their sandboxes. */
function mediaPrograms(parent = `${service.pid}`): string[] {
  const children = read(`/proc/${parent}/task/${parent}/children`).split(' ').filter(Boolean)
  return children.flatMap(pid => [
    ...(/ff(mpeg|probe)/.test(read(`/proc/${pid}/comm`)) ? [pid] : []),
    ...mediaPrograms(pid),
  ])
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

/** Uploads a file as a video, and waits until nothing is left to be done for it. */
async function processed(bytes: Buffer, filename = 'holiday.mp4'): Promise<VideoView> {
  const metadata = { filename, filetype: 'video/mp4' }
  return endedVideo(service.url, await tusUpload(service.url, bytes, { metadata }).done, PATIENCE)
}

function artifacts({ id }: VideoView): string[] {
  const own = join(service.dataDir, 'artifacts', id)
  return existsSync(own) ? readdirSync(own).map(name => join(own, name)) : []
}

/** Whether a picture of a file is of the other film's colour. */
async function looksLikeOthers(path: string): Promise<boolean> {
  const colour = ['-vf', 'scale=1:1:flags=area,format=rgb24', '-f', 'rawvideo', '-']
  const looking = ['-v', 'error', '-i', path, '-map', '0:v?', ...colour]
  const options = { encoding: 'buffer' } as const
  const { stdout } = await promisify(execFile)('ffmpeg', looking, options)
  const pictures = Array.from({ length: stdout.length / 3 }, (_, n) => stdout.subarray(3 * n, 3 * n + 3))
  return pictures.some(([red, green, blue]) => red! > 180 && green! < 90 && blue! > 180)
}

/** Asserts that no artifact of a video sounds or looks like what belongs to others. */
async function takesNothing(t: Test, video: VideoView): Promise<void> {
  for (const path of artifacts(video)) {
    if (extname(path) === '.mp3') {
      const heard = hearWords(await decodeAudio(path)).map(({ word }) => word)
      t.notOk(heard.includes('queen'), `${heard}`)
    }
    const shows = extname(path) === '.jpg' || /playback.*\.(mp4|webm)$/.test(path)
    if (shows) t.notOk(await looksLikeOthers(path), path)
  }
}

const hls = (url: string, end = '#EXT-X-ENDLIST\n') =>
  `#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:2\n#EXT-X-MEDIA-SEQUENCE:0\n#EXTINF:2,\n${url}\n${end}`
const http = `http://127.0.0.1:${port}/a.ts`
const NAMING_OTHERS: Record<string, string> = {
  'an HLS playlist of a file': hls(`file:${secret}`),
  'an HLS playlist of a path': hls(secret),
  'a live HLS playlist': hls(http, ''),
  'an ffconcat list': `ffconcat version 1.0\nfile '${secret}'\n`,
  'a DASH manifest': `<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" mediaPresentationDuration="PT2S"><Period><AdaptationSet mimeType="video/mp4"><Representation id="1" bandwidth="1000"><BaseURL>${http}</BaseURL></Representation></AdaptationSet></Period></MPD>`,
  'a session description': `v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video ${port} RTP/AVP/TCP 96\na=rtpmap:96 H264/90000\n`,
}

for (const [name, text] of Object.entries(NAMING_OTHERS)) {
  t.test(`${name} is no video`, async t => {
    const video = await processed(Buffer.from(text))
    t.match(video, { status: 'failed', error: { code: 'unsupported_media' } })
    t.equal(video.steps.find(step => step.name === 'probe')!.attempts, 1)
    t.same(artifacts(video), [])
  })
}

t.test('films that point to other files take nothing from them', async t => {
  const mov = await clip({ container: 'mov', words: [{ word: 'apple', start: 0.5 }], seconds: 3 })
  const embedded = playlistInAvi(hls(`file:${secret}`, '') + hls(http))
  const foreign = await foreignData(directory, mov, secret)
  const careless = ['-v', 'debug', '-enable_drefs', '1', '-use_absolute_path', '1', foreign]
  const { stderr } = await promisify(execFile)('ffprobe', careless)
  t.match(stderr, `Opening '${secret}'`, 'who lets ffprobe, sees it open the other file')
  t.ok(await looksLikeOthers(seen))
  const playlist = hls(`file:${seen}`, '') + hls(http)
  const mkv = await clip({ container: 'mkv', words: [{ word: 'apple', start: 0.5 }], seconds: 3 })
  const linked = await readFile(await linkedMatroska(directory, mkv, playlist, seen))
  const sources = [
    await readFile(foreign),
    await readFile(await foreignData(directory, mov, seen)),
    await readFile(await foreignData(directory, mov, `file://${seen}`)),
    await readFile(await foreignData(directory, mov, http)),
    embedded,
    linked,
    referenceMovie(`file://${seen}`),
    referenceMovie(http),
  ]
  for (const source of sources) {
    const video = await processed(source, 'holiday.mov')
    await takesNothing(t, video)
    t.not(video.status, 'processing', `${video.status} ${video.error?.code}`)
    if (source === linked)
      t.equal(video.status, 'ready', 'fonts and subtitles are no reason to refuse a film')
  }
})

t.test('pictures of 12000x12000 are not decoded', async t => {
  const huge = [hugePng, hugeJpeg, hugeH264, hugeVp9].map(make => make(directory))
  for (const path of (await Promise.all<string | string[]>(huge)).flat()) {
    const video = await processed(await readFile(path))
    t.match(video, { status: 'failed', error: { code: 'unsupported_media' } }, path)
    t.same(artifacts(video), [])
  }
})

t.test('tens of thousands of streams are no film', async t => {
  const video = await processed(await readFile(await manyStreams(directory, good, 20_000)))
  t.match(video, { status: 'failed', error: { code: 'unsupported_media' } })
})

t.test('large pictures in many streams, or such as take much memory, stay within theirs', async t => {
  const paths = [await largeStreams(directory), ...(HUNGRY ? await hungryPictures(directory) : [])]
  for (const path of paths) {
    const { status, steps } = await processed(await readFile(path))
    const failures = steps.flatMap(({ error }) => error?.code ?? [])
    t.not(status, 'processing', `${path}: ${status} ${failures}`)
    t.notOk(
      failures.some(code => code !== 'too_much' && code !== 'unsupported_media'),
      `${failures}`,
    )
  }
})

t.test('tables, tracks and programs that are not there come to an end', async t => {
  const film = await readFile(good)
  const transport = await readFile(await mediaClip('broadcast.ts'))
  const song = await readFile(await mediaClip('song.ogg'))
  const lies = {
    ...lyingTables(film),
    pids: manyPids(transport, 40),
    chain: Buffer.concat([song, song, song]),
  }
  for (const [name, bytes] of Object.entries(lies)) {
    const { status, steps } = await processed(bytes)
    const failures = steps.flatMap(({ error }) => error?.code ?? [])
    t.notOk(failures.includes('internal'), `${name}: ${status} ${failures}`)
    t.ok(
      steps.every(({ attempts }) => attempts <= 1),
      'trying again would not help',
    )
  }
})

t.test('a promise of 100,000 s, and hours of silence, come to an end', async t => {
  const promise = await processed(await readFile(await longPromise(directory)))
  t.not(promise.status, 'processing')
  const silence = await processed(await readFile(await longSilence(directory, SILENT_HOURS)), 'silence.flac')
  t.match(silence, { status: 'ready' })
  t.ok(Math.abs(silence.duration! - SILENT_HOURS * 3600) < 1, `${silence.duration}`)
})

t.test('damaged copies end in a way that tells a person something', async t => {
  const sources = await Promise.all(
    [good, await clip({ container: 'webm', seconds: 3 }), await clip({ container: 'mkv', seconds: 3 })].map(
      path => readFile(path),
    ),
  )
  const outcomes: Record<string, number> = {}
  for (let number = 0; number < DAMAGED; number++) {
    const video = await processed(damaged(sources[number % sources.length]!, number))
    const failures = video.steps.flatMap(({ error }) => error?.code ?? [])
    t.notOk(failures.includes('internal'), `copy ${number}: ${video.status} ${failures}`)
    const outcome = `${video.status} ${failures}`
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1
  }
  t.comment(JSON.stringify(outcomes))
})

t.test('nobody was called, no program is left, and none took much memory', async t => {
  t.equal(canary.calls, 0)
  await until(() => mediaPrograms().length === 0)
  t.ok(peak > 0 && peak < MOST_MEMORY, `at most ${Math.round(peak / 2 ** 20)} MiB`)
  await writeFile(join(directory, 'still'), 'good')
  const video = await processed(await readFile(good))
  t.equal(video.status, 'ready', 'and the service works on')
})
