import { execFile, execFileSync } from 'node:child_process'
import { closeSync, constants, existsSync, openSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { cutAudio } from '../../src/processing/cut-audio.ts'
import { extractAudio } from '../../src/processing/extract-audio.ts'
import { inspect, isDecodable } from '../../src/processing/inspect.ts'
import { takePoster } from '../../src/processing/take-poster.ts'
import { childrenWith } from '../support/child-processes.ts'
import { type Container, clip, corruptClip, textFile } from '../support/clips.ts'
import { decodeAudio } from '../support/decode-audio.ts'
import { failure } from '../support/failure.ts'
import { throwAwayDirectory } from '../support/throw-away-directory.ts'
import { hearWords } from '../support/tone-words.ts'
import { until } from '../support/until.ts'

const run = promisify(execFile)
const directory = throwAwayDirectory('ffmpeg')
const { signal } = new AbortController()
const words = [
  { word: 'apple', start: 0.5 },
  { word: 'moon', start: 2.5 },
]
let made = 0
const output = (extension: string) => join(directory, `output-${made++}${extension}`)

/** The picture or sound in a file, as ffprobe tells it without our limits. */
async function probe(path: string): Promise<Record<string, unknown>> {
  const { stdout } = await run('ffprobe', ['-v', 'error', '-of', 'json', '-show_streams', path])
  return JSON.parse(stdout).streams[0]
}

const FORMATS: Record<Container, { format: RegExp; streams: string[] }> = {
  mp4: { format: /^mov/, streams: ['video h264', 'audio aac'] },
  mov: { format: /^mov/, streams: ['video h264', 'audio aac'] },
  webm: { format: /^matroska/, streams: ['video vp8', 'audio opus'] },
  mkv: { format: /^matroska/, streams: ['video h264', 'audio aac'] },
  mp3: { format: /^mp3/, streams: ['audio mp3'] },
  m4a: { format: /^mov/, streams: ['audio aac'] },
  ogg: { format: /^ogg/, streams: ['audio opus'] },
  wav: { format: /^wav/, streams: ['audio pcm_s16le'] },
}
for (const [container, { format, streams }] of Object.entries(FORMATS)) {
  t.test(`looks into ${container}, and hears what is in it`, async t => {
    const path = await clip({ container: container as Container, words, seconds: 4 })
    const info = await inspect(path, signal)
    t.match(info.format, format)
    t.same(info.streams.map(({ kind, codec }) => `${kind} ${codec}`).sort(), streams.toSorted())
    t.ok(Math.abs(info.duration! - 4) < 0.15, `${info.duration} s`)
    for (const { kind, width, height } of info.streams)
      if (kind === 'video') t.same([width, height], [160, 120])
    t.equal(await isDecodable(path, info, signal), true)

    const audio = output('.mp3')
    const silences = await extractAudio(path, audio, { signal })
    t.match(await probe(audio), { codec_name: 'mp3', sample_rate: '16000', channels: 1 })
    const heard = hearWords(await decodeAudio(audio))
    t.same(
      heard.map(({ word }) => word),
      ['apple', 'moon'],
    )
    for (const [index, { start }] of heard.entries())
      t.ok(Math.abs(start - words[index]!.start) < 0.1, `${start}`)
    const expected = [
      [0, 0.5],
      [0.8, 2.5],
      [2.8, 4],
    ]
    t.equal(silences.length, 3)
    for (const [index, [start, end]] of silences.entries()) {
      t.ok(Math.abs(start - expected[index]![0]!) < 0.15, `silent from ${start}`)
      t.ok(Math.abs(Math.min(end, 4) - expected[index]![1]!) < 0.15, `silent until ${end}`)
    }
  })
}

t.test('a turned video has the width and height that it is seen in', async t => {
  const bytes = await readFile(await clip({ container: 'mov', words, seconds: 4 }))
  // Every picture track's header gets the matrix of a quarter turn (ISO/IEC 14496-12 §8.3.2), as telephones write it.
  for (let at = bytes.indexOf('tkhd'); at >= 0; at = bytes.indexOf('tkhd', at + 4)) {
    if (bytes.readUInt32BE(at + 80) === 0) continue
    for (const [index, value] of [0, 0x10000, 0, 0xffff0000, 0, 0, 120 << 16, 0, 0x40000000].entries())
      bytes.writeUInt32BE(value >>> 0, at + 44 + index * 4)
  }
  const path = join(directory, 'turned.mov')
  await writeFile(path, bytes)
  const info = await inspect(path, signal)
  t.match(
    info.streams.find(stream => stream.kind === 'video'),
    { width: 120, height: 160 },
  )
  t.equal(info.brand?.trim(), 'qt')
  const poster = output('.jpg')
  await takePoster(path, poster, 1, { signal })
  t.match(await probe(poster), { codec_name: 'mjpeg', width: 120, height: 160 })
})

t.test('takes a poster no wider than 1280 pixels', async t => {
  const poster = output('.jpg')
  await takePoster(await clip({ size: '1600x900', audio: 'none' }), poster, 0.5, { signal })
  t.match(await probe(poster), { codec_name: 'mjpeg', width: 1280, height: 720 })
})

t.test('tells what is there: no sound, no picture, only silence', async t => {
  const mute = await inspect(await clip({ audio: 'none', seconds: 3 }), signal)
  t.same(
    mute.streams.map(stream => stream.kind),
    ['video'],
  )
  const unseen = await inspect(await clip({ video: false, words }), signal)
  t.same(
    unseen.streams.map(stream => stream.kind),
    ['audio'],
  )
  const silences = await extractAudio(await clip({ audio: 'silent', seconds: 3 }), output('.mp3'), { signal })
  t.equal(silences.length, 1)
  t.ok(silences[0]![0] < 0.1 && silences[0]![1] > 2.9, `${silences[0]}`)
})

t.test('sound that begins late stays in step with the picture', async t => {
  const [source, late] = [await clip({ words, seconds: 4 }), join(directory, 'late.mp4')]
  const inputs = ['-i', source, '-itsoffset', '1.5', '-i', source]
  await run('ffmpeg', ['-v', 'error', ...inputs, '-map', '0:v', '-map', '1:a', '-c', 'copy', late])
  const audio = output('.mp3')
  await extractAudio(late, audio, { signal })
  const heard = hearWords(await decodeAudio(audio))
  t.ok(Math.abs(heard[0]!.start - 2) < 0.1, `${heard[0]!.start}`)
})

t.test('tells how far it has come', async t => {
  const times: number[] = []
  const long = await clip({ container: 'wav', seconds: 900, audio: 'silent' })
  await extractAudio(long, output('.mp3'), { signal, onTime: seconds => void times.push(seconds) })
  t.ok(times.length > 0)
  t.ok(
    times.every((time, index) => time >= (times[index - 1] ?? 0) && time <= 901),
    `${times}`,
  )
})

t.test('cuts audio where it is told to', async t => {
  const source = await clip({ container: 'mp3', words, seconds: 4 })
  const cut = output('.mp3')
  await cutAudio(source, cut, 2, 3.5, { signal })
  const heard = hearWords(await decodeAudio(cut))
  t.same(
    heard.map(({ word }) => word),
    ['moon'],
  )
  t.ok(Math.abs(heard[0]!.start - 0.5) < 0.1, `${heard[0]!.start}`)
  t.ok(Math.abs((await inspect(cut, signal)).duration! - 1.5) < 0.15)
})

t.test('what is damaged, or no media at all, is a failure that no retry helps', async t => {
  const unsupported = { code: 'unsupported_media', retryable: false }
  for (const path of [
    await textFile('mp4'),
    await corruptClip('index'),
    await textFile('webm'),
    '/dev/null',
    directory,
  ]) {
    t.match(await failure(inspect(path, signal)), unsupported, path)
    t.match(
      await failure(extractAudio(path, output('.mp3'), { signal })),
      { code: 'undecodable', retryable: false },
      path,
    )
  }
  t.match(await failure(inspect(join(directory, 'absent'), signal)), unsupported)
  const noise = await corruptClip('media')
  const info = await inspect(noise, signal)
  t.equal(info.streams.length, 2)
  t.equal(await isDecodable(noise, info, signal), false)
})

t.test('a disk without room is no fault of the file', async t => {
  const path = await clip({ words, seconds: 4 })
  t.match(await failure(extractAudio(path, '/dev/full', { signal })), {
    code: 'storage_full',
    retryable: true,
  })
})

t.test('an abort ends the program, whenever it comes', async t => {
  // Nobody writes into it: whoever opens it waits.
  const pipe = join(directory, 'pipe.mp4')
  execFileSync('mkfifo', [pipe])
  t.teardown(() => closeSync(openSync(pipe, constants.O_RDWR | constants.O_NONBLOCK)))
  const result = output('.mp3')
  const calls = {
    inspect: (by: AbortSignal) => inspect(pipe, by),
    extractAudio: (by: AbortSignal) => extractAudio(pipe, result, { signal: by }),
    takePoster: (by: AbortSignal) => takePoster(pipe, output('.jpg'), 0, { signal: by }),
  }
  const reason = new Error('the video was deleted')
  for (const [name, call] of Object.entries(calls)) {
    const running = new AbortController()
    const ended = failure(call(running.signal))
    await until(() => childrenWith(pipe).length > 0)
    running.abort(reason)
    t.equal(await ended, reason, name)
    t.ok(await until(() => childrenWith(pipe).length === 0), `${name} leaves no process behind`)

    t.equal(await failure(call(AbortSignal.abort(reason))), reason, `${name} before it begins`)
    const beginning = new AbortController()
    let found: unknown
    void failure(call(beginning.signal)).then(error => {
      found = error
    })
    beginning.abort(reason)
    t.ok(await until(() => found, { timeout: 10_000 }), `${name} while it begins`)
    t.equal(found, reason)
    t.ok(await until(() => childrenWith(pipe).length === 0))
  }
  t.notOk(existsSync(result))
})
