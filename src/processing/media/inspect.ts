import { askFfprobe, runFfprobe } from '../programs/ffprobe.ts'
import { chooseStreams, needsCounts } from './choose-streams.ts'
import { type ProbeOutput, readMediaInfo } from './ffprobe-output.ts'
import type { MediaInfo } from './media-info.ts'

/** A packet of a stream. Times are seconds. */
export interface Packet {
  readonly stream: number
  /** NaN if the file has no time for it. */
  readonly time: number
  /** 0 if unknown. */
  readonly duration: number
  /** Whether the container or FFmpeg's parser marks it as a key frame. The mark can be wrong. */
  readonly key: boolean
  /** Whether an edit list removes it from the presentation. */
  readonly discarded: boolean
  /** Its offset in the file, or NaN. */
  readonly position: number
  /** Bytes. */
  readonly size: number
}

/** The fields to request. A file can have any number of other tags, of any length. */
const FACTS = [
  'format=format_name,duration,start_time',
  'format_tags=major_brand',
  'stream=index,start_time,codec_type,codec_name,profile,level,bit_rate,pix_fmt,width,height,sample_aspect_ratio,avg_frame_rate,r_frame_rate,field_order,color_transfer,color_space,color_primaries,color_range,channels,sample_rate',
  'stream_tags=language,title',
  'stream_disposition',
  'stream_side_data=rotation,displaymatrix,dv_profile',
  'chapter=start_time,end_time',
  'chapter_tags=title',
].join(':')
/** ffprobe prints them in this order. */
const PACKET_FIELDS = [
  'stream_index',
  'pts_time',
  'dts_time',
  'duration_time',
  'size',
  'pos',
  'flags',
] as const
const PACKETS = `packet=${PACKET_FIELDS.join()}`

type OnPacket = (packet: Packet) => void

/** Reads the headers of a file. @throws StepError `unsupported_media` if it cannot be opened. */
export async function inspect(path: string, signal: AbortSignal): Promise<MediaInfo> {
  const info = readMediaInfo((await runFfprobe(path, ['-show_entries', FACTS], { signal })) as ProbeOutput)
  return chooseStreams(info, needsCounts(info) ? await countFrames(path, signal) : new Map())
}

/** Frames are counted in this time from the start, which is enough to distinguish a video from a cover picture. */
const COUNTED_S = 60

/** @returns the number of frames of each stream in the first COUNTED_S seconds. */
async function countFrames(path: string, signal: AbortSignal): Promise<Map<number, number>> {
  const counts = new Map<number, number>()
  const args = ['-read_intervals', `%+${COUNTED_S}`, '-select_streams', 'v', '-show_entries']
  const onLine = (line: string) => {
    const index = Number.parseInt(line, 10)
    if (Number.isInteger(index)) counts.set(index, (counts.get(index) ?? 0) + 1)
  }
  const restart = () => counts.clear()
  await askFfprobe(path, [...args, 'packet=stream_index', '-of', 'csv=p=0'], onLine, { signal }, restart)
  return counts
}

/** Reads the headers and all packets of a small file at once. @throws StepError as `inspect` */
export async function inspectPackets(
  path: string,
  onPacket: OnPacket,
  signal: AbortSignal,
): Promise<MediaInfo> {
  let isPacket = false
  const counts = new Map<number, number>()
  // A packet is printed on one line, or on several of which the first contains the times. No packet is kept in memory.
  const consume = (line: string) => {
    if (line === '    "packets": [') isPacket = true
    else if (line.startsWith('    ]')) isPacket = false
    else if (isPacket) {
      const printed = Object.fromEntries(
        [...line.matchAll(/"(\w+)": "?([^",]+)/g)].map(([, name, value]) => [name, value]),
      )
      const stream = Number(printed['stream_index'] ?? Number.NaN)
      if (Number.isNaN(stream)) return true
      counts.set(stream, (counts.get(stream) ?? 0) + 1)
      readPacket(
        onPacket,
        PACKET_FIELDS.map(field => printed[field]),
      )
      return true
    }
    return false
  }
  const args = ['-show_entries', `${FACTS}:${PACKETS}`]
  const info = readMediaInfo((await runFfprobe(path, args, { signal }, consume)) as ProbeOutput)
  return chooseStreams(info, counts)
}

export interface PacketSelection {
  /** Seconds at which reading begins, or a little earlier; the start of the file if absent. */
  readonly from?: number
  /** Index of the only stream to read; the demuxer then skips the bytes of the others. */
  readonly stream?: number
}

/** Reads packets from the container without decoding them. */
export async function readPackets(
  path: string,
  { from, stream }: PacketSelection,
  onPacket: OnPacket,
  signal: AbortSignal,
): Promise<void> {
  const interval = from === undefined ? [] : ['-read_intervals', `${from.toFixed(3)}%`]
  const selected = stream === undefined ? [] : ['-select_streams', String(stream)]
  const args = [...interval, ...selected, '-show_entries', PACKETS, '-of', 'csv=p=0']
  const onLine = (line: string) => {
    const printed = line.split(',')
    if (printed[0]) readPacket(onPacket, printed)
  }
  await askFfprobe(path, args, onLine, { signal })
}

function readPacket(onPacket: OnPacket, printed: readonly (string | undefined)[]): void {
  const [stream, pts, dts, duration, size, position, flags = ''] = printed
  // A missing time is printed as N/A, or not at all.
  const time = Number.isNaN(Number(pts ?? Number.NaN)) ? Number(dts) : Number(pts)
  if (!Number.isFinite(time) && !(Number(duration) > 0)) return
  onPacket({
    stream: Number(stream),
    time,
    duration: Number(duration) || 0,
    key: flags.startsWith('K'),
    discarded: flags.includes('D'),
    position: Number(position ?? Number.NaN),
    size: Number(size) || 0,
  })
}
