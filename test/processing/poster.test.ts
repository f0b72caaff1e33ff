import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { type AudioDetails, audio } from '../../src/processing/media/audio.ts'
import type { Peaks } from '../../src/processing/media/peaks.ts'
import { poster } from '../../src/processing/media/poster.ts'
import { clip } from '../support/clips.ts'
import { decodeAudio } from '../support/decode-audio.ts'
import { blackClip, damagedClip, mediaClip, slowClip, turnedClip } from '../support/media-clips.ts'
import { durationOf } from '../support/media-duration.ts'
import { runStep } from '../support/run-step.ts'
import { throwAwayDirectory } from '../support/throw-away-directory.ts'
import { hearWords } from '../support/tone-words.ts'

const run = promisify(execFile)

/** Mean luma of an image, or of a part of it, and its size. */
async function look(path: string, [x, y, width, height]: readonly number[] = []) {
  const crop = width ? `crop=${width}:${height}:${x}:${y},` : ''
  const { stderr } = await run('ffmpeg', [
    '-i',
    path,
    '-vf',
    `${crop}signalstats,metadata=print`,
    '-f',
    'null',
    '-',
  ])
  const { stdout } = await run('ffprobe', ['-v', 'error', '-of', 'json', '-show_streams', path])
  const stream = JSON.parse(stdout).streams[0]
  return {
    luma: Number(/YAVG=([\d.]+)/.exec(stderr)?.[1]),
    codec: stream.codec_name,
    size: [stream.width, stream.height],
  }
}

interface Cue {
  readonly start: number
  readonly area: number[]
}

async function readCues(path: string): Promise<Cue[]> {
  const text = await readFile(path, 'utf8')
  return [...text.matchAll(/^(\d+):(\d+):([\d.]+) --> .*\nstoryboard\.jpg#xywh=([\d,]+)$/gm)].map(
    ([, hours, minutes, seconds, area]) => ({
      start: Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds),
      area: area!.split(',').map(Number),
    }),
  )
}

t.test(
  'a poster is not black if the video shows anything else, and the storyboard shows each time',
  async t => {
    const { files } = await runStep(poster, await blackClip({ from: 4, to: 5.9 }))
    const still = await look(files.poster!.path)
    t.match(still, { codec: 'mjpeg', size: [160, 120] })
    t.ok(still.luma > 60, `luma ${still.luma}`)
    const cues = await readCues(files.storyboard_vtt!.path)
    t.same(
      cues.map(({ start }) => start),
      [0, 2, 4, 6],
    )
    for (const { start, area } of cues) {
      const { luma } = await look(files.storyboard!.path, area)
      t.equal(luma > 60, start === 4, `luma ${luma} at ${start} s`)
    }
  },
)

t.test('the poster is not a damaged key frame, but the next one', async t => {
  const { files } = await runStep(poster, await damagedClip('plays.mp4', 0.01))
  const { stdout } = await run(
    'ffmpeg',
    [
      ...['-v', 'error', '-i', files.poster!.path, '-vf', 'format=yuv444p,extractplanes=u'],
      ...['-f', 'rawvideo', '-'],
    ],
    { encoding: 'buffer' },
  )
  // Decoders fill lost parts with grey, which the test picture hardly contains.
  const grey = stdout.filter(value => Math.abs(value - 128) < 6).length / stdout.length
  t.ok(grey < 0.15, `${Math.round(100 * grey)} % of it is grey`)
})

t.test('a decoder that cannot skip frames decodes all of them', async t => {
  const path = join(throwAwayDirectory('theora'), 'film.ogv')
  const film = ['-f', 'lavfi', '-i', 'testsrc2=size=160x120:rate=10:duration=5', '-c:v', 'libtheora']
  await run('ffmpeg', ['-v', 'error', ...film, path])
  const { files } = await runStep(poster, path)
  t.equal((await readCues(files.storyboard_vtt!.path)).length, 3)
  t.ok((await look(files.poster!.path)).luma > 40)
})

t.test('a black video has a poster too', async t => {
  const { files } = await runStep(poster, await blackClip())
  t.ok((await look(files.poster!.path)).luma < 30)
})

t.test('a video with one frame has this frame as its poster', async t => {
  const { files } = await runStep(poster, await mediaClip('moment.mp4'))
  t.match(await look(files.poster!.path), { codec: 'mjpeg', size: [160, 120] })
  t.equal((await readCues(files.storyboard_vtt!.path)).length, 1)
})

t.test('posters have the orientation and the aspect ratio of the displayed video', async t => {
  const turned = (await runStep(poster, await turnedClip())).files
  t.same((await look(turned.poster!.path)).size, [120, 160])
  t.same((await readCues(turned.storyboard_vtt!.path))[0]?.area, [0, 0, 120, 160])
  const anamorphic = (await runStep(poster, await mediaClip('anamorphic.mkv'))).files
  t.same((await look(anamorphic.poster!.path)).size, [192, 120])
  const hdr = (await runStep(poster, await mediaClip('hdr.mp4'))).files
  t.ok((await look(hdr.poster!.path)).luma > 40)
})

t.test('the tiles of a long video are single key frames', async t => {
  const { files } = await runStep(poster, await slowClip(61))
  t.equal((await readCues(files.storyboard_vtt!.path)).length, 13)
  t.same((await look(files.storyboard!.path)).size, [1600, 180])
  for (const area of [
    [0, 0, 160, 90],
    [320, 90, 160, 90],
  ])
    t.ok((await look(files.storyboard!.path, area)).luma > 60)
})

t.test('audio is extracted for speech-to-text and as a download, with a waveform', async t => {
  const words = [
    { word: 'apple', start: 0.5 },
    { word: 'moon', start: 2.5 },
  ]
  const { files } = await runStep(audio, await clip({ words, seconds: 4 }))
  for (const kind of ['audio', 'audio_download'] as const) {
    const heard = hearWords(await decodeAudio(files[kind]!.path))
    t.same(
      heard.map(({ word }) => word),
      ['apple', 'moon'],
      kind,
    )
  }
  t.equal(files.audio_download!.contentType, 'audio/mp4')
  t.same(files.audio_download!.details['copied'], true)
  t.equal((files.audio!.details as AudioDetails).silences.length, 3)
  const peaks: Peaks = JSON.parse(await readFile(files.peaks!.path, 'utf8'))
  t.match(peaks, { version: 2, channels: 1, bits: 8 })
  t.equal(peaks.data.length, 2 * peaks.length)
  const loudest = (from: number, to: number) => {
    const at = (seconds: number) => 2 * Math.round((seconds * peaks.sample_rate) / peaks.samples_per_pixel)
    return Math.max(...peaks.data.slice(at(from), at(to)).map(Math.abs))
  }
  for (const [from, to] of [
    [0.55, 0.75],
    [2.55, 2.75],
  ] as const)
    t.ok(loudest(from, to) > 20, `loud from ${from} s`)
  for (const [from, to] of [
    [0.1, 0.4],
    [1, 2.4],
    [3, 3.9],
  ] as const)
    t.ok(loudest(from, to) < 5, `silent from ${from} s`)
})

t.test('audio that does not play on every device is encoded for the download', async t => {
  const copied: Record<string, [type: string, copied: boolean]> = {
    'studio.mov': ['audio/mpeg', false],
    'memo.wma': ['audio/mpeg', false],
    'song.mp3': ['audio/mpeg', true],
    'song.ogg': ['audio/ogg', true],
  }
  for (const [name, [type, as]] of Object.entries(copied)) {
    const { audio_download: made } = (await runStep(audio, await mediaClip(name as 'song.mp3'))).files
    t.match(made, { contentType: type, details: { copied: as } }, name)
    const duration = await durationOf(made!.path)
    t.ok(Math.abs(duration - 4) < 0.15, `${name}: ${duration}`)
  }
})

t.test('a file without a picture has no poster, and one without sound has no audio', async t => {
  t.equal((await runStep(poster, await mediaClip('song.mp3'))).skipped, 'no_video')
  t.equal((await runStep(audio, await mediaClip('odd.mkv'))).skipped, 'no_audio')
})
