import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

const ffmpeg = (...args: string[]) => promisify(execFile)('ffmpeg', ['-v', 'error', '-y', ...args])

/** Numbers as H.264 writes them (ITU-T H.264 §9.1), and single bits. */
class Bits {
  #bits = ''
  put(value: number, length: number): this {
    this.#bits += value.toString(2).padStart(length, '0')
    return this
  }
  ue(...values: number[]): this {
    for (const value of values) {
      const code = (value + 1).toString(2)
      this.#bits += '0'.repeat(code.length - 1) + code
    }
    return this
  }
  bytes(): Buffer {
    const bits = `${this.#bits}1`
    const padded = bits.padEnd(Math.ceil(bits.length / 8) * 8, '0')
    return Buffer.from(padded.match(/.{8}/g)!.map(byte => Number.parseInt(byte, 2)))
  }
}

/** A film in H.264 whose sequence parameter set (§7.3.2.1.1) says that it is 12000x12000, in an MP4 of a few kilobytes. */
export async function hugeH264(directory: string): Promise<string> {
  const small = join(directory, 'small.h264')
  const picture = ['-f', 'lavfi', '-i', 'testsrc2=size=160x128:rate=5:duration=1']
  await ffmpeg(...picture, '-c:v', 'libx264', '-profile:v', 'baseline', '-bf', '0', small)
  const stream = await readFile(small)
  const start = Buffer.from([0, 0, 0, 1])
  const picturesFrom = stream.indexOf(Buffer.from([0, 0, 1, 0x68])) - 1
  const own = new Bits().put(0x67, 8).put(66, 8).put(0, 8).put(52, 8)
  // Identity; frame numbers of 4 bits, order by decoding, a reference; 750 macroblocks each way; whole frames.
  own.ue(0, 0, 2, 1).put(0, 1).ue(749, 749).put(0b1100, 4)
  const raw = join(directory, 'huge.h264')
  await writeFile(raw, Buffer.concat([start, own.bytes(), stream.subarray(picturesFrom)]))
  const path = join(directory, 'huge-h264.mp4')
  await ffmpeg('-r', '5', '-f', 'h264', '-i', raw, '-c', 'copy', path)
  return path
}

/** A film in VP9 whose frames say that they are 12000x12000 (VP9 bitstream, §6.2: 16 bits each, 4 bits behind the sync code). */
export async function hugeVp9(directory: string): Promise<string> {
  const path = join(directory, 'huge-vp9.webm')
  const picture = ['-f', 'lavfi', '-i', 'testsrc2=size=160x120:rate=5:duration=1']
  await ffmpeg(...picture, '-c:v', 'libvpx-vp9', '-deadline', 'realtime', '-g', '1', path)
  const bytes = await readFile(path)
  const sync = Buffer.from([0x49, 0x83, 0x42])
  for (let at = bytes.indexOf(sync); at >= 0; at = bytes.indexOf(sync, at + 3)) {
    const first = bytes.readUInt8(at + 3) >> 4
    const last = bytes.readUInt8(at + 7) & 15
    const sides = (BigInt(first) << 36n) | (11_999n << 20n) | (11_999n << 4n) | BigInt(last)
    bytes.writeUIntBE(Number(sides >> 8n), at + 3, 4)
    bytes.writeUInt8(Number(sides & 255n), at + 7)
  }
  await writeFile(path, bytes)
  return path
}

/** Pictures of 35 megapixels, which are allowed, in thirty streams. */
export async function largeStreams(directory: string): Promise<string> {
  const one = join(directory, 'large.avi')
  const picture = ['-f', 'lavfi', '-i', 'color=red:size=6000x5900:rate=5', '-frames:v', '2']
  await ffmpeg(...picture, '-c:v', 'mjpeg', '-pix_fmt', 'yuvj444p', '-q:v', '31', one)
  const path = join(directory, 'large-streams.mkv')
  await ffmpeg('-i', one, ...Array<string[]>(30).fill(['-map', '0:v']).flat(), '-c', 'copy', path)
  return path
}

/** Pictures of 35 megapixels of which a decoder has to keep sixteen (H.264), or that take 8 bytes a pixel (FFV1). */
export async function hungryPictures(directory: string): Promise<string[]> {
  const picture = ['-f', 'lavfi', '-i', 'color=red:size=6000x5900:rate=10']
  const [references, deep] = [join(directory, 'references.mp4'), join(directory, 'deep.mkv')]
  const h264 = [
    '-c:v',
    'libx264',
    '-preset',
    'ultrafast',
    '-tune',
    'zerolatency',
    '-refs',
    '16',
    '-threads',
    '1',
  ]
  await ffmpeg(...picture, '-frames:v', '24', '-pix_fmt', 'yuv420p', ...h264, references)
  await ffmpeg(...picture, '-frames:v', '3', '-c:v', 'ffv1', '-level', '3', '-pix_fmt', 'gbrp16le', deep)
  return [references, deep]
}

/** A film in Matroska with a font, a playlist and subtitles attached, whose next part is another file (RFC 9559 §5.1.2.8). */
export async function linkedMatroska(directory: string, film: string, playlist: string, next: string) {
  const [list, subtitles] = [join(directory, 'list.m3u8'), join(directory, 'styled.ass')]
  await writeFile(list, playlist)
  const style = '[V4+ Styles]\nFormat: Name, Fontname, Fontsize\nStyle: Default,Evil,20\n'
  const dialogue = `Dialogue: 0,0:00:00.00,0:00:03.00,Default,,0,0,0,,{\\fn${next}}text\n`
  const events = `[Events]\nFormat: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n${dialogue}`
  await writeFile(subtitles, `[Script Info]\nScriptType: v4.00+\n\n${style}\n${events}`)
  const path = join(directory, 'linked.mkv')
  const attached = ['font/ttf', 'application/vnd.apple.mpegurl'].flatMap((type, index) => [
    ...['-attach', list, `-metadata:s:t:${index}`, `mimetype=${type}`],
  ])
  const streams = ['-map', '0', '-map', '1', '-c', 'copy', '-metadata', `title=${next}.`]
  await ffmpeg('-i', film, '-i', subtitles, ...streams, ...attached, path)
  const bytes = await readFile(path)
  const title = bytes.indexOf(`${next}.`)
  const name = Buffer.from([0x3e, 0x83, 0xbb, 0x80 | next.length, ...Buffer.from(next)])
  // A title of a byte more takes as much room as the name of a file.
  if (title < 0 || bytes.readUInt16BE(title - 3) !== 0x7ba9) throw new Error('the title is elsewhere')
  name.copy(bytes, title - 3)
  await writeFile(path, bytes)
  return path
}

/** A movie of nothing but a reference to another one (QuickTime File Format, reference movies). */
export function referenceMovie(target: string): Buffer {
  const reference = Buffer.alloc(12)
  reference.write('url ', 4)
  reference.writeUInt32BE(target.length + 1, 8)
  const data = box('rdrf', reference, Buffer.from(`${target}\0`))
  return Buffer.concat([
    box('ftyp', Buffer.from('qt  \0\0\0\0')),
    box('moov', box('rmra', box('rmda', data))),
  ])
}

function box(type: string, ...parts: Buffer[]): Buffer {
  const body = Buffer.concat([Buffer.from(type), ...parts])
  const size = Buffer.alloc(4)
  size.writeUInt32BE(body.length + 4)
  return Buffer.concat([size, body])
}

/** Where an MP4 counts its entries, in bytes from the type of a box (ISO/IEC 14496-12); below zero, where it says how long it is. */
const COUNTS = { stts: 8, stsc: 8, stsz: 12, stco: 8, stss: 8, elst: 8, stsd: 8, moov: -4, trak: -4 }

/** A film for each table of its index that says that it has 2^32 - 1 entries, or is some hundreds of megabytes long. */
export function lyingTables(film: Buffer): Record<string, Buffer> {
  const lies: Record<string, Buffer> = {}
  for (const [type, offset] of Object.entries(COUNTS)) {
    const bytes = Buffer.from(film)
    bytes.writeUInt32BE(offset < 0 ? 0x20_00_00_00 : 0xff_ff_ff_ff, bytes.indexOf(type) + offset)
    lies[type] = bytes
  }
  // All samples of one size need no table: there are 2^32 - 1 of one byte. And an edit of 2^32 - 1 units.
  const even = Buffer.from(film)
  even.writeUInt32BE(1, even.indexOf('stsz') + 8)
  even.writeUInt32BE(0xff_ff_ff_ff, even.indexOf('stsz') + 12)
  even.writeUInt32BE(0xff_ff_ff_ff, even.indexOf('stts') + 12)
  const edited = Buffer.from(film)
  edited.writeUInt32BE(0xff_ff_ff_ff, edited.indexOf('elst') + 12)
  return { ...lies, even, edited }
}

/** A transport stream behind a program table of thousands of streams (ISO/IEC 13818-1 §2.4.4). */
export function manyPids(film: Buffer, programs: number): Buffer {
  const association: number[] = []
  const packets: Buffer[] = []
  for (let program = 1; program <= programs; program++) {
    const pid = 0x1000 + program
    association.push(program >> 8, program & 255, 0xe0 | (pid >> 8), pid & 255)
    const streams = Array.from({ length: 30 }, (_, index) => {
      const own = 0x100 + ((program * 30 + index) % 0xe00)
      return [0x1b, 0xe0 | (own >> 8), own & 255, 0xf0, 0]
    })
    packets.push(table(pid, 2, program, [0xe1, 0, 0xf0, 0, ...streams.flat()]))
  }
  const associations = []
  // As many as go into a packet.
  for (let at = 0; at < association.length; at += 160)
    associations.push(table(0, 0, 1, association.slice(at, at + 160)))
  return Buffer.concat([...associations, ...packets, film])
}

function table(pid: number, id: number, extension: number, body: readonly number[]): Buffer {
  const length = body.length + 9
  const head = [id, 0xb0 | (length >> 8), length & 255, extension >> 8, extension & 255, 0xc1, 0, 0]
  const section = [...head, ...body]
  let crc = 0xff_ff_ff_ff
  for (const byte of section) {
    crc ^= byte << 24
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x80_00_00_00 ? (crc << 1) ^ 0x04_c1_1d_b7 : crc << 1
  }
  const check = Buffer.alloc(4)
  check.writeInt32BE(crc | 0)
  const start = Buffer.from([0x47, 0x40 | (pid >> 8), pid & 255, 0x10, 0, ...section, ...check])
  return Buffer.concat([start, Buffer.alloc(188 - start.length, 0xff)])
}
