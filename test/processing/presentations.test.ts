import { execFile } from 'node:child_process'
import { readFile, truncate } from 'node:fs/promises'
import { promisify } from 'node:util'
import t from 'tap'
import { type AudioDetails, audio } from '../../src/processing/media/audio.ts'
import { playback } from '../../src/processing/media/playback.ts'
import { poster } from '../../src/processing/media/poster.ts'
import {
  begunClip,
  CUT_CLIPS,
  damagedClip,
  lastingClip,
  mediaClip,
  trimmedClip,
} from '../support/media-clips.ts'
import { durationOf } from '../support/media-duration.ts'
import { recordedLog } from '../support/recorded-log.ts'
import { copyOf, factsOf, runStep } from '../support/run-step.ts'

const run = promisify(execFile)
/** Seconds of a frame, at 25 frames per second. */
const PICTURE_S = 0.04

/** The mean colour of each frame of a file. */
async function colorsOf(path: string): Promise<number[][]> {
  const reading = [
    '-v',
    'error',
    '-i',
    path,
    '-vf',
    'scale=1:1,format=rgb24',
    '-vsync',
    '0',
    '-f',
    'rawvideo',
    '-',
  ]
  const { stdout } = await run('ffmpeg', reading, { encoding: 'buffer' })
  return Array.from({ length: stdout.length / 3 }, (_, at) => [...stdout.subarray(3 * at, 3 * at + 3)])
}

const isBlue = ([red = 0, , blue = 0]: number[]) => blue > 100 && red < 60

t.test(
  'no output contains what an edit list cuts off, and all outputs have the remaining duration',
  async t => {
    for (const cut of CUT_CLIPS) {
      const path = await trimmedClip(cut)
      const facts = await factsOf(path)
      const wanted = cut === 'both ends' ? 2 : 3.7
      t.ok(Math.abs(facts.duration! - wanted) < 2.6 * PICTURE_S, `${cut}: ${facts.duration} s`)
      t.equal(facts.declared_duration, null, cut)
      const made = await runStep(playback, path, { facts })
      t.equal(made.playback, 'transcode', `${cut}: a copy would hold what was cut off`)
      const { path: rendition } = made.files.playback!
      t.ok(Math.abs((await durationOf(rendition)) - facts.duration!) <= PICTURE_S, `${cut}: the rendition`)
      const stills = (await runStep(poster, path, { facts })).files
      for (const shown of [rendition, stills.poster!.path, stills.storyboard!.path]) {
        const colors = await colorsOf(shown)
        t.ok(colors.length > 0 && colors.every(isBlue), `${cut}: ${shown}`)
      }
      if (cut !== 'both ends' && cut !== 'head, in fragments') continue
      const sound = (await runStep(audio, path, { facts })).files
      const { duration } = sound.audio!.details as AudioDetails
      t.ok(Math.abs(duration - facts.duration!) <= 3 * PICTURE_S, `${cut}: ${duration} s of sound`)
      t.ok(
        Math.abs((await durationOf(sound.audio_download!.path)) - facts.duration!) < 0.1,
        `${cut}: the download`,
      )
    }
  },
)

t.test('a trimmed HDR video is tone-mapped too', async t => {
  const made = await runStep(playback, await trimmedClip('head, HLG'))
  t.same(made.notes, [])
  const entries = ['-show_entries', 'stream=color_transfer', '-of', 'csv=p=0', made.files.playback!.path]
  t.equal((await run('ffprobe', ['-v', 'error', '-select_streams', 'v', ...entries])).stdout.trim(), 'bt709')
})

t.test('the last frame lasts as long in the rendition as in the file', async t => {
  const clips = { H264: await lastingClip('libx264'), MPEG4: await lastingClip('mpeg4') }
  for (const [name, path] of Object.entries(clips)) {
    const facts = await factsOf(path)
    t.ok(Math.abs(facts.duration! - 10) < 2.5 * PICTURE_S, `${name}: ${facts.duration} s`)
    const { files } = await runStep(playback, path, { facts })
    t.ok(Math.abs((await durationOf(files.playback!.path)) - facts.duration!) <= PICTURE_S, name)
    const board = await readFile((await runStep(poster, path, { facts })).files.storyboard_vtt!.path, 'utf8')
    t.match(board, /--> 00:00:(10\.0|09\.9)/, `${name}: the storyboard`)
  }
  const slides = await runStep(playback, await mediaClip('slideshow.mkv'))
  t.ok(
    Math.abs((await durationOf(slides.files.playback!.path)) - 20) < 0.1,
    'the rendition has four frames of 5 s',
  )
})

t.test('of a broadcast that begins between key frames, the decodable part counts', async t => {
  for (const name of ['hevc.ts', 'mpeg4.ts', 'mpeg2.ts', 'broadcast.ts'] as const) {
    const path = await begunClip(name, 0.13)
    const facts = await factsOf(path)
    const made = await runStep(playback, path, { facts })
    const { path: rendition } = made.files.playback!
    t.ok(Math.abs((await durationOf(rendition)) - facts.duration!) < 0.1, `${name}: ${facts.duration} s`)
    const { files } = await runStep(poster, path, { facts })
    for (const shown of [rendition, files.poster!.path]) {
      const saturation = await saturationOf(shown)
      t.ok(
        saturation.every(value => value > 45),
        `${name}: as little colour as ${Math.min(...saturation)}`,
      )
    }
  }
})

/** The saturation of each frame; grey is 0. */
async function saturationOf(path: string): Promise<number[]> {
  const { stderr } = await run(
    'ffmpeg',
    ['-i', path, '-vf', 'signalstats,metadata=print', '-f', 'null', '-'],
    {
      maxBuffer: 2 ** 26,
    },
  )
  return [...stderr.matchAll(/SATAVG=([\d.]+)/g)].map(([, value]) => Number(value))
}

t.test('one damaged packet affects only its frame, and is noted', async t => {
  for (const share of [0.01, 0.5, 0.97]) {
    const path = await damagedClip('plays.mp4', share)
    const made = await runStep(playback, path)
    t.match(made.notes?.[0]?.code, /^damaged_/, `at ${share}`)
    const strict = ['-v', 'error', '-xerror', '-err_detect', 'explode', '-i', made.files.playback!.path]
    t.equal((await run('ffmpeg', [...strict, '-f', 'null', '-'])).stderr, '')
    t.ok(Math.abs((await durationOf(made.files.playback!.path)) - 4) < 0.15)
  }
})

t.test('each track of a file that is cut off is read to its own end', async t => {
  const path = await copyOf(await mediaClip('one-fragment.mp4'))
  const { length } = await readFile(path)
  await truncate(path, Math.floor(0.6 * length))
  const facts = await factsOf(path)
  // The file contains all frames first, and then all audio.
  t.ok(facts.duration! > 1.5 && facts.duration! < 3.9, `${facts.duration} s`)
  t.ok(Math.abs(facts.declared_duration! - 4) < 0.15, `of ${facts.declared_duration} s`)
  const made = await runStep(playback, path, { facts })
  t.ok(Math.abs((await durationOf(made.files.playback!.path)) - facts.duration!) < 0.15)
})

t.test('the missing part of a file that is cut off between two fragments is known', async t => {
  const path = await copyOf(await mediaClip('segments.mp4'))
  const bytes = await readFile(path)
  let second = 0
  for (let fragment = 0; fragment < 2; fragment++) second = bytes.indexOf('moof', second + 8)
  await truncate(path, second - 4)
  const { duration, declared_duration } = await factsOf(path)
  t.ok(duration! > 1.5 && duration! < 3, `${duration} s`)
  t.ok(Math.abs(declared_duration! - 4) < 0.15, `of ${declared_duration} s`)
  t.equal((await factsOf(await mediaClip('segments.mp4'))).declared_duration, null)
})

t.test('the log says why a plan for a rendition failed', async t => {
  const { log, lines } = recordedLog()
  await runStep(playback, await damagedClip('plays.mp4', 0.5), { log })
  const failed = lines.filter(({ msg }) => msg === 'a rendition failed its check')
  t.match(failed[0], { method: 'source', copied: ['picture', 'sound'] })
  for (const { cause } of failed)
    t.match(cause, /^the rendition has (picture|sound) that cannot be decoded: .*(error|invalid)/i)
})

t.test('a track whose key frames do not suit browsers is encoded again', async t => {
  for (const name of ['open-gop.mp4', 'intra-refresh.mkv'] as const) {
    const made = await runStep(playback, await mediaClip(name))
    t.equal(made.playback, 'transcode', name)
    t.same(made.notes, [], name)
  }
})
