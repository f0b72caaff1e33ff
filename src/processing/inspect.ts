import { StepError } from '../errors.ts'
import { askFfprobe, runFfmpeg, runFfprobe } from './ffmpeg.ts'
import { type MediaInfo, type ProbeOutput, pictureOf, readMediaInfo, soundOf } from './media-info.ts'

/** Where a packet of a stream lies in time, in seconds. */
export interface Packet {
  readonly stream: number
  readonly time: number
  /** 0 where the file does not tell. */
  readonly duration: number
}

const PACKETS = ['-show_entries', 'packet=stream_index,pts_time,dts_time,duration_time']

/**
 * Looks into a file. @throws StepError `unsupported_media` where it is none that can be opened.
 */
export async function inspect(path: string, signal: AbortSignal): Promise<MediaInfo> {
  return readMediaInfo((await runFfprobe(path, ['-show_format', '-show_streams'], { signal })) as ProbeOutput)
}

/** Looks into a file and reads the times of all its packets, in one go: for small files. @throws StepError as `inspect` */
export async function inspectPackets(
  path: string,
  signal: AbortSignal,
): Promise<{ info: MediaInfo; packets: Packet[] }> {
  const questions = ['-show_format', '-show_streams', ...PACKETS]
  const output = (await runFfprobe(path, questions, { signal })) as ProbeOutput
  const packets = (output.packets ?? []).flatMap(packet =>
    readPacket(packet.stream_index, packet.pts_time, packet.dts_time, packet.duration_time),
  )
  return { info: readMediaInfo(output), packets }
}

/** Reads the times of packets, none of which is decoded. @param from seconds from which on, or a little before; undefined for all. */
export async function readPackets(
  path: string,
  from: number | undefined,
  signal: AbortSignal,
): Promise<Iterable<Packet>> {
  const interval = from === undefined ? [] : ['-read_intervals', `${from.toFixed(3)}%`]
  const output = await askFfprobe(path, [...interval, ...PACKETS, '-of', 'csv=p=0'], { signal })
  return parsePackets(output)
}

/** One at a time: a day of sound has millions. */
function* parsePackets(output: string): Iterable<Packet> {
  for (let from = 0; from < output.length; ) {
    const newline = output.indexOf('\n', from)
    const end = newline < 0 ? output.length : newline
    const [stream, pts, dts, duration] = output.slice(from, end).split(',')
    if (stream) yield* readPacket(stream, pts, dts, duration)
    from = end + 1
  }
}

type Printed = string | number | undefined

function readPacket(stream: Printed, pts: Printed, dts: Printed, duration: Printed): Packet[] {
  // What has no time is printed as N/A, or not at all.
  const time = Number.isNaN(Number(pts ?? Number.NaN)) ? Number(dts) : Number(pts)
  return Number.isFinite(time) ? [{ stream: Number(stream), time, duration: Number(duration) || 0 }] : []
}

/**
 * Decodes a little of the first picture and of the first sound.
 * @param from seconds from which on.
 * @returns whether anything came out of either: damaged files may have a header and nothing behind it.
 */
export async function isDecodable(
  path: string,
  info: MediaInfo,
  signal: AbortSignal,
  from = 0,
): Promise<boolean> {
  for (const stream of [pictureOf(info), soundOf(info)]) {
    if (!stream) continue
    const output = {
      map: [`0:${stream.index}`],
      options: ['-frames', '25', '-xerror', '-err_detect', 'explode'],
      format: 'null',
    }
    const inputOptions = from > 0 ? ['-ss', from.toFixed(3)] : []
    const succeeded = await runFfmpeg({ input: path, inputOptions, outputs: [output] }, { signal }).then(
      ({ lines }) => lines.some(line => /(frame|time)=\s*(?!0\s|00:00:00\.00|N\/A)\S/.test(line)),
      error => {
        if (signal.aborted || (error instanceof StepError && error.retryable)) throw error
        return false
      },
    )
    if (succeeded) return true
  }
  return false
}
