import { execFile, execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { type AudioDetails, audio } from '../../src/processing/media/audio.ts'
import { examine } from '../../src/processing/media/examine.ts'
import { inspect } from '../../src/processing/media/inspect.ts'
import { poster } from '../../src/processing/media/poster.ts'
import { isDecodable } from '../../src/processing/media/strict-decoding.ts'
import { runFfmpeg } from '../../src/processing/programs/ffmpeg.ts'
import { cutAudio } from '../../src/processing/speech/cut-audio.ts'
import { childrenWith } from '../support/child-processes.ts'
import { type Container, clip, corruptClip, textFile } from '../support/clips.ts'
import { decodeAudio } from '../support/decode-audio.ts'
import { failure } from '../support/failure.ts'
import { runStep } from '../support/run-step.ts'
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

/** A simple job for ffmpeg. */
function toMp3(path: string, result: string, by = signal) {
  const outputs = [{ map: ['0:a:0'], format: 'mp3', path: result }]
  return runFfmpeg({ input: path, outputs }, { signal: by })
}

/** A stream of a file, as ffprobe describes it without our limits. */
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
  t.test(`${container} is inspected, and its audio is extracted`, async t => {
    const path = await clip({ container: container as Container, words, seconds: 4 })
    const info = await inspect(path, signal)
    t.match(info.format, format)
    t.same(info.streams.map(({ kind, codec }) => `${kind} ${codec}`).sort(), streams.toSorted())
    const { duration } = (await examine(path, signal)).timeline
    t.ok(Math.abs(duration! - 4) < 0.15, `${duration} s`)
    for (const { kind, width, height } of info.streams)
      if (kind === 'video') t.same([width, height], [160, 120])
    for (const stream of info.streams) t.equal(await isDecodable(path, stream, signal), true)

    const { path: speech, details } = (await runStep(audio, path)).files.audio!
    const { silences } = details as AudioDetails
    t.match(await probe(speech), { codec_name: 'mp3', sample_rate: '16000', channels: 1 })
    const heard = hearWords(await decodeAudio(speech))
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

t.test('a rotated video has the width and height as displayed', async t => {
  const bytes = await readFile(await clip({ container: 'mov', words, seconds: 4 }))
  // The header of each video track gets the matrix of a quarter turn, as phones write it (ISO/IEC 14496-12 §8.3.2).
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
  const made = (await runStep(poster, path)).files.poster!
  t.match(await probe(made.path), { codec_name: 'mjpeg', width: 120, height: 160 })
})

t.test('the poster is at most 1280 pixels wide, and the one for lists at most 480', async t => {
  const sizesOf = async (size: `${number}x${number}`) => {
    const { files } = await runStep(poster, await clip({ size, audio: 'none' }))
    return Promise.all([files.poster!, files.poster_small!].map(({ path }) => probe(path)))
  }
  t.match(await sizesOf('1600x900'), [
    { codec_name: 'mjpeg', width: 1280, height: 720 },
    { codec_name: 'mjpeg', width: 480, height: 270 },
  ])
  t.match(await sizesOf('720x1280'), [
    { width: 720, height: 1280 },
    { width: 480, height: 854 },
  ])
  t.match(await sizesOf('320x180'), [
    { width: 320, height: 180 },
    { width: 320, height: 180 },
  ])
})

t.test('files without sound, without a picture or with only silence are recognised', async t => {
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
  const { files } = await runStep(audio, await clip({ audio: 'silent', seconds: 3 }))
  const { silences } = files.audio!.details as AudioDetails
  t.equal(silences.length, 1)
  t.ok(silences[0]![0] < 0.1 && silences[0]![1] > 2.9, `${silences[0]}`)
})

t.test('sound that begins late stays in sync with the picture', async t => {
  const [source, late] = [await clip({ words, seconds: 4 }), join(directory, 'late.mp4')]
  const inputs = ['-i', source, '-itsoffset', '1.5', '-i', source]
  await run('ffmpeg', ['-v', 'error', ...inputs, '-map', '0:v', '-map', '1:a', '-c', 'copy', late])
  const { path } = (await runStep(audio, late)).files.audio!
  const heard = hearWords(await decodeAudio(path))
  t.ok(Math.abs(heard[0]!.start - 2) < 0.1, `${heard[0]!.start}`)
})

t.test('the progress is reported', async t => {
  const percents: number[] = []
  const long = await clip({ container: 'wav', seconds: 900, audio: 'silent' })
  await runStep(audio, long, { onProgress: percent => void percents.push(percent) })
  t.ok(percents.length > 0)
  t.ok(
    percents.every((percent, index) => percent >= (percents[index - 1] ?? 0) && percent <= 100.1),
    `${percents}`,
  )
})

t.test('audio is cut at the given times', async t => {
  const source = await clip({ container: 'mp3', words, seconds: 4 })
  const cut = output('.mp3')
  await cutAudio(source, cut, { from: 2, to: 3.5, format: 'mp3' }, { signal })
  const heard = hearWords(await decodeAudio(cut))
  t.same(
    heard.map(({ word }) => word),
    ['moon'],
  )
  t.ok(Math.abs(heard[0]!.start - 0.5) < 0.1, `${heard[0]!.start}`)
  t.ok(Math.abs((await inspect(cut, signal)).duration! - 1.5) < 0.15)
})

t.test('a damaged file, or a file without media, is a final failure', async t => {
  const unsupported = { code: 'unsupported_media', retryable: false }
  for (const path of [
    await textFile('mp4'),
    await corruptClip('index'),
    await textFile('webm'),
    '/dev/null',
    directory,
  ]) {
    t.match(await failure(inspect(path, signal)), unsupported, path)
    const fatal = { code: /^(unsupported_media|undecodable)$/, retryable: false }
    t.match(await failure(toMp3(path, output('.mp3'))), fatal, path)
  }
  t.match(await failure(inspect(join(directory, 'absent'), signal)), unsupported)
  const noise = await corruptClip('media')
  const info = await inspect(noise, signal)
  t.equal(info.streams.length, 2)
  for (const stream of info.streams) t.equal(await isDecodable(noise, stream, signal), false)
})

t.test('an abort ends the program at any time', async t => {
  const source = await clip({ words, seconds: 4 })
  // The pipe has no reader, so a program that opens it waits.
  const pipe = join(directory, 'pipe.mp3')
  execFileSync('mkfifo', [pipe])
  const reason = new Error('the video was deleted')
  const running = new AbortController()
  const ended = failure(toMp3(source, pipe, running.signal))
  await until(() => childrenWith(pipe).length > 0)
  running.abort(reason)
  t.equal(await ended, reason)
  t.same(childrenWith(pipe), [], 'no process is left')

  const result = output('.mp3')
  const calls = {
    inspect: (by: AbortSignal) => inspect(source, by),
    runFfmpeg: (by: AbortSignal) => toMp3(source, result, by),
  }
  for (const [name, call] of Object.entries(calls)) {
    t.equal(await failure(call(AbortSignal.abort(reason))), reason, `${name} before it begins`)
    const beginning = new AbortController()
    const ended = failure(call(beginning.signal))
    beginning.abort(reason)
    t.equal(await ended, reason, `${name} while it begins`)
    t.same(childrenWith(source), [])
  }
  t.notOk(existsSync(result))
})
