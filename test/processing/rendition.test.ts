import { execFile } from 'node:child_process'
import { appendFile, readFile, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { playback } from '../../src/processing/media/playback.ts'
import { fit } from '../../src/processing/media/rendition.ts'
import { failure } from '../support/failure.ts'
import { type MediaClip, mediaClip, turnedClip } from '../support/media-clips.ts'
import { copyOf, factsOf, runStep } from '../support/run-step.ts'

async function look(path: string) {
  const entries =
    'stream=codec_name,width,height,sample_aspect_ratio,pix_fmt,field_order,nb_read_packets,color_transfer'
  const { stdout } = await promisify(execFile)('ffprobe', [
    ...[
      '-v',
      'error',
      '-count_packets',
      '-select_streams',
      'v',
      '-show_entries',
      entries,
      '-of',
      'json',
      path,
    ],
  ])
  return JSON.parse(stdout).streams[0]
}

t.test(
  'an encoded picture keeps its times and its aspect ratio, with at most sixty frames per second',
  async t => {
    const expected: Partial<Record<MediaClip, object>> = {
      // Ten frames per second, with a gap of fifteen seconds: no frame is repeated.
      'gap.mkv': { nb_read_packets: /^(49|50|51)$/ },
      // 120 frames per second, for two seconds
      'fast.mkv': { nb_read_packets: /^12[01]$/ },
      'anamorphic.mkv': { width: 192, height: 120, sample_aspect_ratio: '1:1' },
      'interlaced.ts': { field_order: 'progressive', nb_read_packets: '40' },
      'hdr.mp4': { pix_fmt: 'yuv420p', color_transfer: 'bt709' },
    }
    for (const [name, facts] of Object.entries(expected)) {
      const made = await runStep(playback, await mediaClip(name as MediaClip))
      t.equal(made.playback, 'transcode', name)
      t.match(await look(made.files.playback!.path), { codec_name: 'h264', ...facts }, name)
    }
  },
)

t.test('concatenated video and audio files play to their end', async t => {
  for (const [name, seconds] of [
    ['broadcast.ts', 8],
    ['song.ogg', 8],
  ] as const) {
    const path = await copyOf(await mediaClip(name))
    const next = join(path, '..', `next-${name}`)
    // Each chained stream has its own serial number (RFC 3533 §4).
    const own = name.endsWith('ogg') ? ['-serial_offset', '7'] : []
    await promisify(execFile)('ffmpeg', ['-v', 'error', '-i', path, '-c', 'copy', ...own, next])
    await appendFile(path, await readFile(next))
    const facts = await factsOf(path)
    t.ok(Math.abs(facts.duration! - seconds) < 0.15, `${name}: ${facts.duration} s`)
    const made = await runStep(playback, path, { facts })
    t.equal(made.playback, 'remux', name)
  }
})

t.test('a file that is cut off plays to its end, and its rendition declares no more', async t => {
  for (const name of ['fragmented.mp4', 'broadcast.ts', 'plays.mp4', 'plays.webm'] as const) {
    const path = await copyOf(await mediaClip(name))
    const bytes = await readFile(path)
    await truncate(path, Math.floor(bytes.length * 0.7) + 3)
    const facts = await factsOf(path)
    t.ok(facts.duration! > 2 && facts.duration! < 3.5, `${name}: ${facts.duration} s`)
    const made = await runStep(playback, path, { facts })
    const { duration } = made.files.playback!.details
    t.ok(Math.abs(Number(duration) - facts.duration!) < 0.25, `${name}: ${duration} s by ${made.playback}`)
    const strict = ['-v', 'error', '-xerror', '-err_detect', 'explode', '-i', made.files.playback!.path]
    const { stderr } = await promisify(execFile)('ffmpeg', [...strict, '-f', 'null', '-'])
    t.equal(stderr, '', 'browsers stop at an incomplete picture or audio frame')
  }
  const late = await copyOf(await mediaClip('index-last.mp4'))
  await truncate(late, 3000)
  t.match(await failure(factsOf(late)), { code: 'unsupported_media', message: /cut off/ })
})

t.test('a picture is mirrored if the file says so', async t => {
  /** Brightness from left to right. */
  const profile = async (path: string) => {
    const picture = ['-vf', 'scale=8:1,format=gray', '-frames:v', '1', '-f', 'rawvideo', '-']
    const options = { encoding: 'buffer' } as const
    const reading = ['-v', 'error', '-noautorotate', '-i', path, ...picture]
    return [...(await promisify(execFile)('ffmpeg', reading, options)).stdout]
  }
  const source = await turnedClip('mirrored')
  const made = (await runStep(playback, source)).files.playback!
  const [seen, lying] = [await profile(made.path), await profile(source)]
  const off = (values: number[]) => Math.max(...values.map((value, x) => Math.abs(value - seen[x]!)))
  t.ok(off(lying.toReversed()) < 12, `${seen} of ${lying}`)
  t.ok(off(lying) > 12, 'the picture is mirrored')
})

t.test('sizes are even, within 1080p in both orientations, and never enlarged', async t => {
  const sizes: [from: [number, number], to: [number, number]][] = [
    [
      [3840, 2160],
      [1920, 1080],
    ],
    [
      [2160, 3840],
      [1080, 1920],
    ],
    [
      [1920, 1080],
      [1920, 1080],
    ],
    [
      [2000, 2000],
      [1080, 1080],
    ],
    [
      [161, 121],
      [160, 120],
    ],
    [
      [10_000, 100],
      [1920, 18],
    ],
    [
      [1, 1],
      [2, 2],
    ],
  ]
  for (const [[width, height], to] of sizes) {
    const { width: w, height: h } = fit({ width, height })
    t.same([w, h], to)
  }
})
