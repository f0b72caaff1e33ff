import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { crc32, deflateSync } from 'node:zlib'

const ffmpeg = (...args: string[]) => promisify(execFile)('ffmpeg', ['-v', 'error', '-y', ...args])

/** One frame of 12000x12000 pixels, one bit each, in files of a few kilobytes (PNG, ISO/IEC 15948 §5). */
export async function hugePng(directory: string): Promise<string[]> {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(12_000, 0)
  header.writeUInt32BE(12_000, 4)
  header[8] = 1
  const still = join(directory, 'huge.png')
  const signature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1')
  const data = deflateSync(Buffer.alloc(12_000 * 1501))
  await writeFile(
    still,
    Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', data), chunk('IEND', Buffer.alloc(0))]),
  )
  const paths = ['mov', 'mkv', 'avi'].map(type => join(directory, `huge-png.${type}`))
  await ffmpeg('-i', still, ...paths.flatMap(path => ['-c', 'copy', path]))
  return paths
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type), data])
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)]
  length.writeUInt32BE(data.length)
  check.writeUInt32BE(crc32(body))
  return Buffer.concat([length, body, check])
}

/** One JPEG of 12000x12000 pixels. */
export async function hugeJpeg(directory: string): Promise<string[]> {
  const [path, other] = [join(directory, 'huge-jpeg.avi'), join(directory, 'huge-jpeg.mkv')]
  const picture = 'color=red:size=12000x12000:rate=1,format=yuvj420p'
  await ffmpeg('-f', 'lavfi', '-i', picture, '-frames:v', '1', '-c:v', 'mjpeg', '-q:v', '31', path)
  await ffmpeg('-i', path, '-c', 'copy', other)
  return [path, other]
}

/** Two frames, 100,000 s apart. */
export async function longPromise(directory: string): Promise<string> {
  const path = join(directory, 'promise.mp4')
  const picture = 'testsrc=size=160x120:rate=1:duration=2,setpts=N*100000/TB'
  const codec = ['-c:v', 'libx264', '-preset', 'ultrafast', '-bf', '0', '-video_track_timescale', '1000']
  await ffmpeg('-f', 'lavfi', '-i', picture, '-fps_mode', 'vfr', ...codec, path)
  return path
}

/** Silence in a FLAC file of a few kilobytes an hour. */
export async function longSilence(directory: string, hours: number): Promise<string> {
  const path = join(directory, 'silence.flac')
  const sound = [
    '-f',
    'lavfi',
    '-i',
    'anullsrc=sample_rate=8000:channel_layout=mono',
    '-t',
    `${hours * 3600}`,
  ]
  await ffmpeg(...sound, '-c:a', 'flac', '-frame_size', '65535', '-compression_level', '0', path)
  return path
}

/** A film whose index repeats its first track. */
export async function manyStreams(directory: string, film: string, count: number): Promise<string> {
  const bytes = await readFile(film)
  const [moov, trak] = [bytes.indexOf('moov') - 4, bytes.indexOf('trak') - 4]
  const track = bytes.subarray(trak, trak + bytes.readUInt32BE(trak))
  const index = Buffer.concat([bytes.subarray(moov, trak), ...Array<Buffer>(count).fill(track)])
  index.writeUInt32BE(index.length, 0)
  const path = join(directory, 'streams.mp4')
  await writeFile(path, Buffer.concat([bytes.subarray(0, moov), index]))
  return path
}

/**
 * A film whose tracks say that their media lies in another file (QuickTime File Format, data reference atoms; alias records), or at an
 * address (ISO/IEC 14496-12 §8.7.2).
 */
export async function foreignData(directory: string, film: string, target: string): Promise<string> {
  const isAddress = /^\w+:/.test(target)
  let bytes = await readFile(film)
  for (let at = bytes.indexOf('dref'); at >= 0; at = bytes.indexOf('dref', at + 4)) {
    const alias = isAddress ? Buffer.from(`${target}\0`) : aliasRecord(target)
    const entry = Buffer.alloc(12)
    entry.writeUInt32BE(12 + alias.length, 0)
    entry.write(isAddress ? 'url ' : 'alis', 4)
    // Size, type, version and flags, count of entries: then the one entry.
    const first = at + 12
    const old = bytes.readUInt32BE(first)
    const grown = entry.length + alias.length - old
    for (const box of ['moov', 'trak', 'mdia', 'minf', 'dinf', 'dref']) {
      const start = bytes.lastIndexOf(box, at) - 4
      bytes.writeUInt32BE(bytes.readUInt32BE(start) + grown, start)
    }
    bytes = Buffer.concat([bytes.subarray(0, first), entry, alias, bytes.subarray(first + old)])
  }
  const path = join(directory, `foreign-${isAddress ? 'address' : 'file'}.mov`)
  await writeFile(path, bytes)
  return path
}

/** As far as FFmpeg reads one: fixed fields, then the absolute path as item 18 and the folders above it. */
function aliasRecord(target: string): Buffer {
  const fixed = Buffer.alloc(150)
  fixed.writeUInt16BE(150, 4)
  const item = (type: number, text: string) => {
    const head = Buffer.alloc(4)
    head.writeUInt16BE(type, 0)
    head.writeUInt16BE(text.length, 2)
    return Buffer.concat([head, Buffer.from(text + (text.length % 2 ? '\0' : ''))])
  }
  const end = Buffer.from([0xff, 0xff, 0, 0])
  return Buffer.concat([fixed, item(2, target.replaceAll('/', ':')), item(18, target), end])
}

/** An AVI with a picture, and with a stream of text whose first packet is a playlist as if it were subtitles (GAB2). */
export function playlistInAvi(playlist: string): Buffer {
  const list = (type: string, ...parts: Buffer[]) => riff('LIST', Buffer.from(type), ...parts)
  const header = Buffer.alloc(56)
  header.writeUInt32LE(40_000, 0)
  header.writeUInt32LE(2, 24)
  header.writeUInt32LE(160, 32)
  header.writeUInt32LE(120, 36)
  const stream = (type: string, codec: string) => {
    const strh = Buffer.alloc(56)
    strh.write(type, 0)
    strh.write(codec, 4)
    strh.writeUInt32LE(1, 20)
    strh.writeUInt32LE(25, 24)
    strh.writeUInt32LE(1, 32)
    return riff('strh', strh)
  }
  const picture = Buffer.alloc(40)
  picture.writeUInt32LE(40, 0)
  picture.writeUInt32LE(160, 4)
  picture.writeUInt32LE(120, 8)
  picture.writeUInt16LE(1, 12)
  picture.writeUInt16LE(24, 14)
  const name = Buffer.from('x\0', 'utf16le')
  const gab2 = Buffer.alloc(17)
  gab2.write('GAB2\0', 0, 'latin1')
  gab2.writeUInt16LE(2, 5)
  gab2.writeUInt32LE(name.length, 7)
  gab2.writeUInt16LE(4, 11)
  const text = Buffer.from(playlist)
  gab2.writeUInt32LE(text.length, 13)
  return riff(
    'RIFF',
    Buffer.from('AVI '),
    list(
      'hdrl',
      riff('avih', header),
      list('strl', stream('vids', 'DIB '), riff('strf', picture)),
      list('strl', stream('txts', '\0\0\0\0'), riff('strf', Buffer.alloc(4))),
    ),
    list(
      'movi',
      riff('01tx', Buffer.concat([gab2.subarray(0, 11), name, gab2.subarray(11), text])),
      riff('00db', Buffer.alloc(160 * 120 * 3, 99)),
    ),
  )
}

function riff(type: string, ...parts: Buffer[]): Buffer {
  const data = Buffer.concat(parts)
  const head = Buffer.alloc(8)
  head.write(type, 0, 'latin1')
  head.writeUInt32LE(data.length, 4)
  return Buffer.concat([head, data, Buffer.alloc(data.length % 2)])
}

/** A copy with faults, the same ones for the same number: cut off somewhere, or a few bytes changed anywhere. */
export function damaged(bytes: Buffer, number: number): Buffer {
  let state = (number + 1) * 2_654_435_761
  const random = (below: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
  if (number % 3 === 0) return bytes.subarray(0, random(bytes.length))
  const copy = Buffer.from(bytes)
  for (let flips = 1 + random(60); flips > 0; flips--) {
    // Half of them where the headers are.
    const at = random(random(2) === 0 ? Math.min(2000, copy.length) : copy.length)
    copy[at] = copy[at]! ^ (1 << random(8))
  }
  return copy
}
