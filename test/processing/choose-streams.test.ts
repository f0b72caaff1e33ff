import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { audio } from '../../src/processing/media/audio.ts'
import { playback } from '../../src/processing/media/playback.ts'
import { poster } from '../../src/processing/media/poster.ts'
import { failure } from '../support/failure.ts'
import { factsOf, runStep } from '../support/run-step.ts'
import { throwAwayDirectory } from '../support/throw-away-directory.ts'

const directory = throwAwayDirectory('choose-streams')
const run = promisify(execFile)

async function make(name: string, ...args: string[]): Promise<string> {
  const path = join(directory, name)
  await run('ffmpeg', ['-v', 'error', '-y', ...args, '-threads', '1', path])
  return path
}

const film = (size = '160x120', seconds = 1) => [
  ...['-f', 'lavfi', '-i', `testsrc2=size=${size}:rate=10:duration=${seconds}`],
]
const tone = (hertz: number, seconds = 1) => [
  ...['-f', 'lavfi', '-i', `sine=frequency=${hertz}:sample_rate=48000:duration=${seconds}`],
]
const silence = (seconds = 1) => ['-f', 'lavfi', '-i', `anullsrc=r=48000:cl=mono,atrim=duration=${seconds}`]
const maps = (count: number) => Array.from({ length: count }, (_, input) => ['-map', `${input}`]).flat()
const H264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p']
/** Files without default streams, unless a test marks one. */
const NONE = ['-default_mode', 'passthrough', '-disposition', '0']

async function chosen(path: string): Promise<string> {
  const { streams } = await factsOf(path)
  return streams.map(({ kind, selected }) => kind[0] + (selected ? '*' : '')).join(' ')
}

t.test(
  'the default streams are chosen, or else the video stream with the most frames and an audible audio stream',
  async t => {
    const still = film('160x120', 0.1)
    const JPEG = ['-c:v:0', 'mjpeg']
    const cases: Record<string, [wanted: string, args: string[]]> = {
      'a still before the film': ['i v*', [...still, ...film(), ...maps(2), ...H264, ...NONE, ...JPEG]],
      'a still beside a sound': ['i a*', [...still, ...tone(440), ...maps(2), ...NONE, ...JPEG]],
      'a short angle before a long one': [
        'v v*',
        [...film('160x120', 0.3), ...film(), ...maps(2), ...H264, ...NONE],
      ],
      'a small picture before a large one': [
        'v v*',
        [...film(), ...film('320x240'), ...maps(2), ...H264, ...NONE],
      ],
      'a default that is the smaller': [
        'v v*',
        [...film('320x240'), ...film(), ...maps(2), ...H264, ...NONE, '-disposition:v:1', 'default'],
      ],
      'a commentary before the sound': [
        'a a*',
        [...tone(440), ...tone(880), ...maps(2), ...NONE, '-disposition:a:0', 'comment'],
      ],
      'a commentary by its title, flagged as the default': [
        'a a*',
        [
          ...[...tone(440), ...tone(880), ...maps(2), ...NONE, '-disposition:a:0', 'default'],
          ...['-metadata:s:a:0', "title=Director's commentary"],
        ],
      ],
      'a default sound behind another': [
        'a a*',
        [...tone(440), ...tone(880), ...maps(2), ...NONE, '-disposition:a:1', 'default'],
      ],
      'a silent track before the microphone': [
        'a a*',
        [...silence(), ...tone(440), ...maps(2), ...NONE, '-disposition:a:0', 'default'],
      ],
      'nothing but silence': ['a* a', [...silence(), ...silence(), ...maps(2), ...NONE]],
      'sounds alike': ['a* a', [...tone(440), ...tone(440), ...maps(2), ...NONE]],
    }
    for (const [name, [wanted, args]] of Object.entries(cases))
      t.equal(await chosen(await make(`${name.replaceAll(/\W+/g, '-')}.mkv`, ...args)), wanted, name)
  },
)

t.test('all tracks are stored with their languages and titles', async t => {
  const subtitle = join(directory, 'lines.srt')
  await writeFile(subtitle, '1\n00:00:00,100 --> 00:00:00,900\nHello\n')
  const path = await make(
    'all.mkv',
    ...[...film(), ...tone(440), '-i', subtitle, ...maps(3), ...H264, '-c:a', 'aac', '-c:s', 'srt', ...NONE],
    ...[
      '-metadata:s:a:0',
      'language=ger',
      '-metadata:s:a:0',
      'title=Größe\u0007 1',
      '-metadata:s:s:0',
      'language=eng',
    ],
    ...[
      '-disposition:s:0',
      'forced',
      '-attach',
      import.meta.filename,
      '-metadata:s:3',
      'mimetype=text/plain',
    ],
  )
  t.match((await factsOf(path)).streams, [
    { index: 0, kind: 'video', codec: 'h264', supported: true, language: null, selected: true },
    {
      index: 1,
      kind: 'audio',
      language: 'ger',
      title: 'Größe 1',
      channels: 1,
      selected: true,
      transcribed: true,
    },
    { index: 2, kind: 'subtitle', codec: 'subrip', language: 'eng', forced: true, selected: false },
    { index: 3, kind: 'attachment', selected: false },
  ])
})

t.test('an unsupported codec affects only its own track', async t => {
  const sonic = ['-c:a', 'sonic', '-strict', 'experimental']
  const picture = await make('sonic.nut', ...film(), ...tone(440), ...H264, ...sonic)
  const facts = await factsOf(picture)
  t.match(facts.streams, [
    { codec: 'h264', selected: true },
    { codec: 'sonic', supported: false, selected: false },
  ])
  t.match(facts, { video_codec: 'h264', audio_codec: null })
  t.match((await runStep(playback, picture, { facts })).files.playback?.details, { codecs: ['h264'] })
  t.match(await failure(runStep(audio, picture, { facts })), {
    ...{ code: 'unsupported_codec', retryable: false, message: /coded as sonic/ },
  })

  const sound = await make('magic.mkv', ...film(), ...tone(440), '-c:v', 'magicyuv', '-c:a', 'aac')
  const other = await factsOf(sound)
  t.match(other, { video_codec: null, audio_codec: 'aac' })
  t.match((await runStep(playback, sound, { facts: other })).files.playback?.details, { codecs: ['aac'] })
  t.match(await failure(runStep(poster, sound, { facts: other })), {
    ...{ code: 'unsupported_codec', message: /magicyuv.*CVE-2026-8461/ },
  })
  t.ok((await runStep(audio, sound, { facts: other })).files.audio)

  const neither = await make(
    'neither.nut',
    ...film(),
    ...tone(440),
    '-c:v',
    'snow',
    '-strict',
    '-2',
    ...sonic,
  )
  t.match(await failure(factsOf(neither)), { code: 'unsupported_codec', message: /snow/ })
  const g723 = ['-ar:a:0', '8000', '-c:a:0', 'g723_1', '-c:a:1', 'flac']
  const dubbed = await make('dubbed.mkv', ...tone(440), ...tone(880), ...maps(2), ...g723)
  t.equal(await chosen(dubbed), 'a a*', 'the other audio stream is chosen')
})

t.test('a video with many tracks is accepted, and thousands of tracks cost nothing', async t => {
  const many = async (count: number) => {
    const path = join(directory, `${count}.mkv`)
    const film = await readFile(await make('film.mkv', '-f', 'lavfi', '-i', 'testsrc2=d=0.3', ...H264))
    await writeFile(path, withTracks(film, count))
    return path
  }
  t.equal((await factsOf(await many(150))).streams.length, 151)
  t.match(await failure(factsOf(await many(10_000))), { code: 'unsupported_media', retryable: false })
})

/** A Matroska file with empty subtitle tracks after its first one (RFC 9559 §5.1.4). */
function withTracks(file: Buffer, count: number): Buffer {
  const size = (bytes: number) =>
    Buffer.concat([Buffer.from([0x08]), Buffer.from(bytes.toString(16).padStart(8, '0'), 'hex')])
  const element = (id: string, body: Buffer) =>
    Buffer.concat([Buffer.from(id, 'hex'), size(body.length), body])
  const number = (id: string, value: number) =>
    element(id, Buffer.from([value >> 16, (value >> 8) & 255, value & 255]))
  const added = Array.from({ length: count }, (_, at) =>
    element(
      'ae',
      Buffer.concat([
        number('d7', at + 2),
        number('73c5', at + 2),
        number('83', 17),
        element('86', Buffer.from('S_TEXT/UTF8')),
      ]),
    ),
  )
  // ffmpeg writes the size of each master element here with eight bytes, or as unknown.
  const tracks = file.indexOf(Buffer.from('1654ae6b', 'hex'))
  const length = Number(file.readBigUInt64BE(tracks + 4) & 0xffffffffffffffn)
  const end = tracks + 12 + length
  const body = Buffer.concat([file.subarray(tracks + 12, end), ...added])
  const segment = file.indexOf(Buffer.from('18538067', 'hex'))
  const head = Buffer.from(file.subarray(0, tracks))
  head.writeBigUInt64BE(0x01ffffffffffffffn, segment + 4)
  return Buffer.concat([head, element('1654ae6b', body), file.subarray(end)])
}
