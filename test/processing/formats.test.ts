import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { FORMATS_FILE, formatsDocument, outcomeOf } from '../../scripts/formats.ts'
import { examine } from '../../src/processing/media/examine.ts'
import { inspect } from '../../src/processing/media/inspect.ts'
import { playback } from '../../src/processing/media/playback.ts'
import { playbackPlans } from '../../src/processing/media/playback-plans.ts'
import { poster } from '../../src/processing/media/poster.ts'
import { probe } from '../../src/processing/media/probe.ts'
import { CODECS, isDecoded, REFUSED } from '../../src/processing/programs/codecs.ts'
import { runFfmpeg } from '../../src/processing/programs/ffmpeg.ts'
import type { VideoFacts } from '../../src/videos/pipeline/steps.ts'
import { ffmpeg } from '../support/clips.ts'
import { failure } from '../support/failure.ts'
import { factsOf, runStep } from '../support/run-step.ts'
import { throwAwayDirectory } from '../support/throw-away-directory.ts'

const directory = throwAwayDirectory('formats')
const { signal } = new AbortController()
const PICTURE = ['-f', 'lavfi', '-i', 'testsrc2=size=176x144:rate=25:duration=0.4']
const SOUND = ['-f', 'lavfi', '-i', 'sine=sample_rate=48000:duration=0.4']

async function make(name: string, ...args: string[]): Promise<string> {
  const path = join(directory, name)
  await ffmpeg([...args, '-strict', '-2', '-threads', '1', path])
  return path
}

t.test('the table in the documentation is up to date', async t => {
  t.equal(await readFile(FORMATS_FILE, 'utf8'), formatsDocument(), 'run `npm run formats`')
  const text = formatsDocument()
  for (const { codec } of CODECS) t.match(text, codec)
  for (const codecs of Object.values(REFUSED))
    for (const codec of Object.keys(codecs)) t.notOk(isDecoded(codec), `${codec} is refused and not decoded`)
})

/** Codecs that FFmpeg can write, by the file that contains a stream of each. */
const MANY = {
  'many.avi':
    'mpeg4 msmpeg4v2 msmpeg4 wmv1 wmv2 h263p ffv1 ffvhuff huffyuv utvideo cinepak msvideo1 zmbv mjpeg ljpeg rawvideo',
  'many.mov': 'prores_ks qtrle rpza v210 v308 v408 v410 yuv4 r210 jpeg2000 png svq1 h263 smc cfhd',
  'many.mkv': 'libx264 libvpx libvpx-vp9 mpeg1video mpeg2video libtheora',
  'sounds.mkv':
    'aac mp2 libmp3lame libopus libvorbis ac3 eac3 dca truehd flac alac wavpack wmav1 wmav2 pcm_s16le pcm_s24le pcm_f32le adpcm_ms adpcm_ima_wav adpcm_yamaha adpcm_g722 pcm_alaw pcm_mulaw pcm_u8',
  'sounds.mov': 'pcm_s16be pcm_s24be pcm_s32be pcm_f32be pcm_f64be pcm_s8 adpcm_ima_qt',
} as const

t.test('each codec that the table calls decoded is decoded, in every container', async t => {
  for (const [name, list] of Object.entries(MANY)) {
    const codecs = list.split(' ')
    const kind = name.startsWith('sounds') ? 'a' : 'v'
    const tracks = codecs.flatMap((codec, at) => [...['-map', '0', `-c:${kind}:${at}`, codec]])
    const path = await make(name, ...(kind === 'v' ? PICTURE : SOUND), ...tracks)
    const { tracks: found } = await inspect(path, signal)
    t.equal(found.length, codecs.length, name)
    t.same(
      found.filter(({ codec }) => !isDecoded(codec)).map(({ codec }) => codec),
      [],
    )
    const map = found.map(({ index }) => `0:${index}`)
    const outputs = [{ map, options: ['-xerror'], format: 'null' }]
    await t.resolves(runFfmpeg({ input: path, outputs }, { signal }), `${name} decodes`)
  }
})

type Row = readonly [kind: 'video' | 'audio', layout: string, args: readonly string[]]
const H264 = ['-c:v', 'libx264', '-preset', 'ultrafast']
/** Files for cells of the table. */
const ROWS: Record<string, Row> = {
  'front.mp4': ['video', 'MP4, index in front', [...H264, '-pix_fmt', 'yuv420p', '-movflags', '+faststart']],
  'ten-bit.mp4': [
    'video',
    'MP4, index in front',
    [...H264, '-pix_fmt', 'yuv420p10le', '-movflags', '+faststart'],
  ],
  'vp9.mkv': ['video', 'any other', ['-c:v', 'libvpx-vp9']],
  'h264.avi': ['video', 'any other', [...H264, '-pix_fmt', 'yuv420p', '-bf', '0']],
  'raw.h264': ['video', 'no container (raw)', [...H264, '-pix_fmt', 'yuv420p', '-bf', '2']],
  'raw.hevc': ['video', 'no container (raw)', ['-c:v', 'libx265', '-x265-params', 'log-level=error']],
  'anim.gif': ['video', 'any other', []],
  'anim.png': ['video', 'any other', ['-f', 'apng']],
  'plain.y4m': ['video', 'any other', ['-pix_fmt', 'yuv420p']],
  'raw.m2v': ['video', 'any other', ['-c:v', 'mpeg2video']],
  'raw.m4v': ['video', 'any other', ['-c:v', 'mpeg4', '-f', 'm4v']],
  'a.mp3': ['audio', 'MP3', []],
  'f.wav': ['audio', 'WAV', ['-c:a', 'pcm_f32le']],
  'a.opus': ['audio', 'any other', ['-c:a', 'libopus']],
  'a.wv': ['audio', 'any other', []],
  'a.tta': ['audio', 'any other', []],
  'a.thd': ['audio', 'any other', ['-c:a', 'truehd', '-ac', '2']],
}

t.test('a file of each kind is treated as the table says', async t => {
  for (const [name, [kind, layout, args]] of Object.entries(ROWS)) {
    const path = await make(name, ...(kind === 'video' ? PICTURE : SOUND), ...args)
    const examined = await examine(path, signal)
    const [stream] = examined.info.streams
    const wanted = outcomeOf(kind, stream!, layout)
    const [plan] = playbackPlans(examined.info, examined.layout, examined.timeline)
    const method = { source: 'plays', remux: 'remuxed', transcode: 'transcoded' }[plan!.method]
    t.equal(wanted.split(' ')[0], method, `${name}: ${stream!.codec}`)
    const { duration } = examined.timeline
    t.ok(Math.abs(duration! - 0.4) < 0.06, `${name} lasts ${duration} s`)
  }
})

t.test('animations, streams without a container and streams after junk play', async t => {
  const files = ['raw.h264', 'anim.gif'].map(name => join(directory, name))
  const junk = Buffer.from('This is what the recorder had in its buffer. '.repeat(200))
  const behind = async (name: string, ...args: string[]) => {
    const bytes = await readFile(await make(name, ...args))
    const path = join(directory, `junk-${name}`)
    await writeFile(path, Buffer.concat([junk, bytes]))
    return path
  }
  files.push(
    await behind('junk.ts', ...PICTURE, ...H264, '-pix_fmt', 'yuv420p'),
    await behind('junk.mp3', ...SOUND),
  )
  const program = await behind('junk.mpg', ...PICTURE, '-f', 'vob', '-c:v', 'mpeg2video')
  t.match((await examine(program, signal)).info.streams, [{ codec: 'mpeg2video' }])
  for (const path of files) {
    const facts = await factsOf(path)
    const { files } = await runStep(playback, path, { facts })
    const made = await examine(files.playback!.path, signal)
    t.ok(Math.abs(made.timeline.duration! - 0.4) < 0.12, `${path}: ${made.timeline.duration} s`)
    t.equal(made.layout.plays, 'mp4', path)
    if (!facts.video_codec) continue
    t.ok((await stat((await runStep(poster, path, { facts })).files.poster!.path)).size > 500, path)
  }
})

t.test('a refusal names its reason', async t => {
  const refusals: Record<string, [string, ...string[]]> = {
    'still.gif': ['The file is a still picture', ...PICTURE, '-frames:v', '1'],
    'still.png': ['The file is a still picture', ...PICTURE, '-frames:v', '1'],
    'still.jpg': ['The file is a still picture', ...PICTURE, '-frames:v', '1'],
    'still.webp': ['The file is a still picture', ...PICTURE, '-frames:v', '1'],
    'anim.webp': ['The file is a WebP animation', ...PICTURE],
    'list.m3u8': ['The file is a playlist', ...PICTURE, ...H264, '-f', 'hls'],
    'a.voc': ['Files of this kind are rare', ...SOUND],
    'magicyuv.avi': ['coded as magicyuv, which is not decoded: its decoder', ...PICTURE, '-c:v', 'magicyuv'],
    'snow.avi': ['coded as snow, which is not decoded: rare', ...PICTURE, '-c:v', 'snow'],
  }
  for (const [name, [reason, ...args]] of Object.entries(refusals)) {
    const error = await failure(runStep(probe, await make(name, ...args), { facts: {} as VideoFacts }))
    t.match((error as Error).message, reason, name)
    t.match(error, { retryable: false })
  }
})
