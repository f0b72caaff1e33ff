import { execFile } from 'node:child_process'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { decodeAudio } from '../support/decode-audio.ts'
import { startGuarded } from '../support/guarded-service.ts'
import { startSpeechServer } from '../support/speech-server.ts'
import { throwAwayDirectory } from '../support/throw-away-directory.ts'
import { hearWords, renderWords, SAMPLE_RATE } from '../support/tone-words.ts'
import { until } from '../support/until.ts'
import { getJson } from '../support/video-api.ts'

const directory = throwAwayDirectory('tracks')
const SECONDS = 2.5
const pcm = ['-f', 's16le', '-ar', String(SAMPLE_RATE), '-ac', '1', '-i']

async function source(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(directory, name)
  await writeFile(path, content)
  return path
}
const voice = (name: string, word: string, start: number) =>
  source(name, new Uint8Array(renderWords([{ word, start }], SECONDS).buffer))

const film = join(directory, 'film.mkv')
await promisify(execFile)('ffmpeg', [
  ...['-v', 'error', '-f', 'lavfi', '-i', `testsrc2=size=160x120:rate=10:duration=${SECONDS}`],
  ...[...pcm, await voice('a.pcm', 'apple', 0.3), ...pcm, await voice('b.pcm', 'moon', 1.5)],
  ...['-i', await source('lines.srt', '1\n00:00:00,500 --> 00:00:01,500\nHello & 1 < 2\n')],
  ...[
    '-i',
    await source('chapters.txt', ';FFMETADATA1\n[CHAPTER]\nTIMEBASE=1/1\nSTART=0\nEND=1\ntitle=One & only\n'),
  ],
  ...[
    '-map',
    '0',
    '-map',
    '1',
    '-map',
    '2',
    '-map',
    '3',
    '-map_chapters',
    '4',
    '-metadata:s:s:0',
    'language=eng',
  ],
  ...[
    '-metadata:s:s:0',
    'title="Signs"',
    '-disposition:s:0',
    'forced',
    '-filter:a:0',
    'pan=stereo|c0=c0|c1=-1*c0',
  ],
  ...['-c:v', 'libx264', '-preset', 'ultrafast', '-c:a', 'aac', '-c:s', 'srt', film],
])

t.test('all tracks of a film, their subtitles and chapters, for whoever may see it', async t => {
  const speech = await startSpeechServer()
  t.teardown(() => speech.stop())
  const { service, keys } = await startGuarded(
    { OPENAI_BASE_URL: speech.baseUrl },
    {
      alice: { owner: 'alice', scopes: ['read', 'write'] },
      bob: { owner: 'bob', scopes: ['read', 'write'] },
    },
  )
  t.teardown(() => service.stop())
  const at = (path: string) => service.url + path
  const form = new FormData()
  form.append('video', new Blob([await readFile(film)]), 'film.mkv')
  const { id } = await getJson(at('/videos'), { method: 'POST', body: form, headers: keys.alice })
  const video = await until(async () => {
    const now = await getJson(at(`/videos/${id}`), { headers: keys.alice })
    return now.status === 'ready' && now
  })
  t.match(video, {
    transcript: 'apple moon',
    chapters: [{ start: 0, end: 1, title: 'One & only' }],
    links: { captions: `/videos/${id}/captions`, chapters_vtt: `/videos/${id}/chapters.vtt` },
    streams: [
      { index: 0, kind: 'video', selected: true },
      { index: 1, kind: 'audio', channels: 2, selected: true, transcribed: true },
      { index: 2, kind: 'audio', channels: 1, selected: false, transcribed: true },
      { index: 3, kind: 'subtitle', codec: 'subrip', language: 'eng', forced: true },
    ],
  })

  const text = async (path: string, headers: Record<string, string> = keys.alice) => {
    const answer = await fetch(at(path), { headers })
    return { status: answer.status, type: answer.headers.get('content-type'), body: await answer.text() }
  }
  // In Matroska, AAC begins a little before 0, and all else is that much later in what is made of it.
  const vtt = /^WEBVTT\n\n00:00:00\.5\d\d --> 00:00:01\.5\d\d\nHello &amp; 1 &lt; 2\n$/
  await t.test('subtitles and chapters', async t => {
    t.match(JSON.parse((await text(`/videos/${id}/captions`)).body).items, [
      { source: 'transcript', track: null, vtt: `/videos/${id}/captions.vtt` },
      {
        ...{ source: 'embedded', track: 3, language: 'eng', title: '"Signs"', forced: true },
        ...{ vtt: `/videos/${id}/captions/3.vtt`, srt: `/videos/${id}/captions/3.srt` },
      },
    ])
    t.match(await text(`/videos/${id}/captions/3.vtt`), { status: 200, type: /^text\/vtt/, body: vtt })
    t.match(await text(`/videos/${id}/captions/3.srt`), {
      status: 200,
      body: /^1\n00:00:00,5\d\d --> 00:00:01,5\d\d\nHello & 1 ‹ 2\n$/,
    })
    t.match(await text(`/videos/${id}/chapters.vtt`), {
      ...{ status: 200, body: 'WEBVTT\n\n00:00:00.000 --> 00:00:01.000\nOne &amp; only\n' },
    })
    t.equal((await text(`/videos/${id}/captions/2.vtt`)).status, 404)
    for (const name of ['03.vtt', '3.ass', '-1.vtt', '..%2f3.vtt', 'x'])
      t.equal((await text(`/videos/${id}/captions/${name}`)).status, 400, name)
  })

  await t.test('every sound', async t => {
    const heard = async (query: string) => {
      const answer = await fetch(at(`/videos/${id}/audio${query}`), { headers: keys.alice })
      const path = await source('heard', new Uint8Array(await answer.arrayBuffer()))
      return hearWords(await decodeAudio(path))
        .map(({ word }) => word)
        .join(' ')
    }
    t.equal(await heard('?track=2'), 'moon')
    t.equal(await heard('?track=1'), await heard(''))
    for (const [track, status] of Object.entries({ 0: 404, 3: 404, 77: 404, x: 400, '-1': 400 }))
      t.equal((await text(`/videos/${id}/audio?track=${track}`)).status, status, track)
  })

  await t.test('links and owners', async t => {
    const kinds = { kinds: ['captions', 'audio', 'stream', 'embed'] }
    const { links } = await getJson<{ links: Record<string, string> }>(at(`/videos/${id}/links`), {
      method: 'POST',
      headers: { ...keys.alice, 'content-type': 'application/json' },
      body: JSON.stringify(kinds),
    })
    const { items } = JSON.parse((await text(links['captions']!, {})).body)
    t.match(await text(items[1].vtt, {}), { status: 200, body: vtt })
    t.equal((await text(links['chapters_vtt']!, {})).status, 200)
    t.equal((await text(`${links['audio']}&track=2`, {})).status, 200)
    t.equal((await text(`${links['stream']}&track=2`, {})).status, 403)
    const embed = (await text(links['embed']!, {})).body
    const [, track = ''] =
      /<track kind="subtitles" src="([^"]+)" srclang="eng" label="&quot;Signs&quot;">/.exec(embed) ?? []
    t.match(await text(track.replaceAll('&amp;', '&'), {}), { status: 200, body: vtt })
    for (const path of ['captions', 'captions/3.vtt', 'chapters.vtt', 'audio?track=2']) {
      t.equal((await text(`/videos/${id}/${path}`, {})).status, 401, path)
      t.equal((await text(`/videos/${id}/${path}`, keys.bob)).status, 404, path)
    }
  })

  await t.test('a sound that is shorter than a service hears is not sent', async t => {
    const sent = speech.requests.length
    const path = join(directory, 'moment.wav')
    const moment = ['-f', 'lavfi', '-i', 'sine=sample_rate=44100:duration=0.05']
    await promisify(execFile)('ffmpeg', ['-v', 'error', ...moment, path])
    const short = new FormData()
    short.append('video', new Blob([await readFile(path)]), 'moment.wav')
    const { id } = await getJson(at('/videos'), { method: 'POST', body: short, headers: keys.alice })
    const made = await until(async () => {
      const now = await getJson(at(`/videos/${id}`), { headers: keys.alice })
      return now.status === 'ready' && now
    })
    t.match(
      made.steps.find(({ name }) => name === 'transcribe'),
      { state: 'skipped', reason: 'too_short' },
    )
    t.equal(speech.requests.length, sent)
  })

  await t.test('nothing of them outlives the video', async t => {
    await fetch(at(`/videos/${id}?permanent=true`), { method: 'DELETE', headers: keys.alice })
    t.equal((await text(`/videos/${id}/captions/3.vtt`)).status, 404)
    const left = async () =>
      (await readdir(join(service.dataDir), { recursive: true })).filter(name =>
        name.includes(`artifacts/${id}/`),
      )
    await until(async () => (await left()).length === 0)
  })
})
