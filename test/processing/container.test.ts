import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { inspect } from '../../src/processing/media/inspect.ts'
import { isDecodable } from '../../src/processing/media/strict-decoding.ts'
import { recognise } from '../../src/processing/programs/container.ts'
import { type Container, clip, textFile } from '../support/clips.ts'
import { failure } from '../support/failure.ts'
import { throwAwayDirectory } from '../support/throw-away-directory.ts'

const directory = throwAwayDirectory('container')
const { signal } = new AbortController()
const run = promisify(execFile)
const unsupported = { code: 'unsupported_media', retryable: false }

const PICTURE = ['-f', 'lavfi', '-i', 'testsrc=size=176x144:rate=25:duration=1']
const made = (name: string) => join(directory, `made.${name}`)
const SOUND = ['-f', 'lavfi', '-i', 'sine=sample_rate=8000:duration=1']
/** Files in other formats than the clips, and the demuxer that reads them. */
const MADE: Record<string, [demuxer: string, args: string[]]> = {
  avi: ['avi', [...PICTURE, '-c:v', 'mpeg4']],
  ts: ['mpegts', [...PICTURE, '-c:v', 'mpeg2video']],
  m2ts: ['mpegts', [...PICTURE, '-c:v', 'mpeg2video', '-f', 'mpegts', '-mpegts_m2ts_mode', '1']],
  mpg: ['mpeg', [...PICTURE, '-c:v', 'mpeg1video']],
  flv: ['flv', [...PICTURE, '-c:v', 'flv']],
  wmv: ['asf', [...PICTURE, '-c:v', 'wmv2']],
  'fragmented.mp4': ['mov', [...PICTURE, '-c:v', 'mpeg4', '-movflags', 'frag_keyframe+empty_moov']],
  'old.mov': ['mov', [...PICTURE, '-c:v', 'mjpeg']],
  mxf: ['mxf', [...PICTURE, '-c:v', 'mpeg2video']],
  nut: ['nut', [...PICTURE, '-c:v', 'mpeg4']],
  ivf: ['ivf', [...PICTURE, '-c:v', 'libvpx', '-deadline', 'realtime']],
  dv: ['dv', [...PICTURE, '-vf', 'scale=720:576', '-pix_fmt', 'yuv420p', '-target', 'pal-dv', '-an']],
  'rf64.wav': ['wav', [...SOUND, '-rf64', 'always']],
  w64: ['w64', SOUND],
  aiff: ['aiff', SOUND],
  caf: ['caf', SOUND],
  dts: ['dts', [...SOUND, '-ar', '48000', '-ac', '2', '-c:a', 'dca', '-strict', '-2']],
  au: ['au', SOUND],
  flac: ['flac', SOUND],
  mp2: ['mp3', [...SOUND, '-ar', '16000', '-c:a', 'mp2']],
  'bare.mp3': ['mp3', [...SOUND, '-c:a', 'libmp3lame', '-write_xing', '0', '-id3v2_version', '0']],
  'fast.mp3': ['mp3', [...SOUND, '-ar', '44100', '-c:a', 'libmp3lame', '-b:a', '320k']],
  aac: ['aac', SOUND],
  ac3: ['ac3', [...SOUND, '-ar', '44100']],
  eac3: ['eac3', [...SOUND, '-ar', '48000']],
}

t.test('a container is recognised by its content, whatever the file name is', async t => {
  for (const [name, [demuxer, args]] of Object.entries(MADE)) {
    const path = made(name)
    await run('ffmpeg', ['-v', 'error', '-y', ...args, '-threads', '1', path])
    const nameless = join(directory, `${name.replaceAll('.', '-')}.txt`)
    await writeFile(nameless, await readFile(path))
    t.equal(await recognise(nameless), demuxer, name)
    const info = await inspect(nameless, signal)
    t.ok(await isDecodable(nameless, info.streams[0]!, signal), `${name}: ${info.format}`)
  }
  const clips: Record<Container, string> = {
    mp4: 'mov',
    mov: 'mov',
    webm: 'matroska',
    mkv: 'matroska',
    mp3: 'mp3',
    m4a: 'mov',
    ogg: 'ogg',
    wav: 'wav',
  }
  for (const [container, demuxer] of Object.entries(clips))
    t.equal(await recognise(await clip({ container: container as Container })), demuxer, container)
})

t.test(
  'old QuickTime without ftyp, tags before the audio and garbage before frames are recognised',
  async t => {
    const mov = await readFile(made('old.mov'))
    const bare = join(directory, 'bare')
    await writeFile(bare, mov.subarray(mov.readUInt32BE(0)))
    t.equal(await recognise(bare), 'mov')

    const tag = Buffer.alloc(10 + 200_000)
    tag.write('ID3\x04', 'latin1')
    for (const [index, shift] of [21, 14, 7, 0].entries()) tag[6 + index] = (200_000 >> shift) & 0x7f
    for (const [name, demuxer] of Object.entries({ 'bare.mp3': 'mp3', aac: 'aac', flac: 'flac' })) {
      const bytes = await readFile(made(name))
      await writeFile(bare, Buffer.concat([tag, bytes]))
      t.equal(await recognise(bare), demuxer, `${name} behind a tag`)
      await writeFile(bare, Buffer.concat([Buffer.alloc(3000), bytes]))
      if (name !== 'flac') t.equal(await recognise(bare), demuxer, `${name} behind padding`)
    }
    const ts = await readFile(made('ts'))
    await writeFile(bare, ts.subarray(100))
    t.equal(await recognise(bare), 'mpegts', 'the stream begins within a packet')
    const checked = []
    for (let at = 0; at < ts.length; at += 188) checked.push(ts.subarray(at, at + 188), Buffer.alloc(16))
    await writeFile(bare, Buffer.concat(checked))
    t.equal(await recognise(bare), 'mpegts', 'packets with a checksum after them')
  },
)

t.test('other files are not recognised as video', async t => {
  const jpeg = join(directory, 'still.jpg')
  await run('ffmpeg', ['-v', 'error', '-y', ...PICTURE, '-frames:v', '1', jpeg])
  const matroskaLike = join(directory, 'other.mkv')
  const mkv = await readFile(await clip({ container: 'mkv' }))
  mkv.write('matrjosk', mkv.indexOf('matroska'))
  await writeFile(matroskaLike, mkv)
  const riff = join(directory, 'riff.avi')
  await writeFile(riff, 'RIFF\x00\x00\x00\x00WEBPVP8 ', 'latin1')
  const still = join(directory, 'still.avif')
  await writeFile(still, (await readFile(made('old.mov'))).fill('avif', 8, 12))
  const empty = join(directory, 'empty.mp4')
  await writeFile(empty, '')
  const pipe = join(directory, 'pipe.mp4')
  await run('mkfifo', [pipe])
  const socket = join(directory, 'socket.mp4')
  const server = createServer().listen(socket)
  await once(server, 'listening')
  t.teardown(() => server.close())
  const others = [
    jpeg,
    still,
    matroskaLike,
    riff,
    empty,
    directory,
    '/dev/null',
    '/dev/zero',
    process.execPath,
  ]
  for (const path of [...others, join(directory, 'absent'), await textFile('mp4'), import.meta.filename])
    t.match(await failure(recognise(path)), unsupported, path)
  t.match(await failure(recognise(socket)), unsupported, 'a socket')
  t.match(await failure(recognise(pipe)), unsupported, 'a pipe without a writer')
})
