import { StepError } from '../errors.ts'
import { chooseStreams, needsCounts } from './choose-streams.ts'
import { askFfprobe, runFfmpeg, runFfprobe } from './ffmpeg.ts'
import { isLarge, type MediaInfo, type ProbeOutput, pictureOf, readMediaInfo, soundOf } from './media-info.ts'

/** Where a packet of a stream lies in time, in seconds. */
export interface Packet {
  readonly stream: number
  readonly time: number
  /** 0 where the file does not tell. */
  readonly duration: number
}

/** What is read of the answer: files can bear any number of tags, of any length. */
const FACTS = [
  'format=format_name,duration,start_time',
  'format_tags=major_brand',
  'stream=index,codec_type,codec_name,profile,level,bit_rate,pix_fmt,width,height,sample_aspect_ratio,avg_frame_rate,r_frame_rate,field_order,color_transfer,channels,sample_rate',
  'stream_tags=language,title',
  'stream_disposition',
  'stream_side_data=rotation,displaymatrix,dv_profile',
  'chapter=start_time,end_time',
  'chapter_tags=title',
].join(':')
const PACKETS = 'packet=stream_index,pts_time,dts_time,duration_time'

type OnPacket = (packet: Packet) => void

/**
 * Looks into a file. @throws StepError `unsupported_media` where it is none that can be opened.
 */
export async function inspect(path: string, signal: AbortSignal): Promise<MediaInfo> {
  const info = readMediaInfo((await runFfprobe(path, ['-show_entries', FACTS], { signal })) as ProbeOutput)
  return chooseStreams(info, needsCounts(info) ? await countPictures(path, signal) : new Map())
}

/** Seconds of a file of several pictures that are looked at, to tell a film from a cover. */
const COUNTED_S = 60

/** How many pictures each stream has in the first minute. */
async function countPictures(path: string, signal: AbortSignal): Promise<Map<number, number>> {
  const counts = new Map<number, number>()
  const questions = ['-read_intervals', `%+${COUNTED_S}`, '-select_streams', 'v', '-show_entries']
  const onLine = (line: string) => {
    const index = Number.parseInt(line, 10)
    if (Number.isInteger(index)) counts.set(index, (counts.get(index) ?? 0) + 1)
  }
  const restart = () => counts.clear()
  await askFfprobe(path, [...questions, 'packet=stream_index', '-of', 'csv=p=0'], onLine, { signal }, restart)
  return counts
}

/** Looks into a file and reads the times of all its packets, in one go: for small files. @throws StepError as `inspect` */
export async function inspectPackets(
  path: string,
  onPacket: OnPacket,
  signal: AbortSignal,
): Promise<MediaInfo> {
  let among = false
  const counts = new Map<number, number>()
  // One line a packet, or several of which the first tells the times; none is kept.
  const takes = (line: string) => {
    if (line === '    "packets": [') among = true
    else if (line.startsWith('    ]')) among = false
    else if (among) {
      const { stream_index, pts_time, dts_time, duration_time } = Object.fromEntries(
        [...line.matchAll(/"(\w+)": "?([^",]+)/g)].map(([, name, value]) => [name, value]),
      )
      if (!stream_index) return true
      counts.set(Number(stream_index), (counts.get(Number(stream_index)) ?? 0) + 1)
      readPacket(onPacket, stream_index, pts_time, dts_time, duration_time)
      return true
    }
    return false
  }
  const questions = ['-show_entries', `${FACTS}:${PACKETS}`]
  const info = readMediaInfo((await runFfprobe(path, questions, { signal }, takes)) as ProbeOutput)
  return chooseStreams(info, counts)
}

/** Reads the times of packets, none of which is decoded. @param from seconds from which on, or a little before; undefined for all. */
export async function readPackets(
  path: string,
  from: number | undefined,
  onPacket: OnPacket,
  signal: AbortSignal,
): Promise<void> {
  const interval = from === undefined ? [] : ['-read_intervals', `${from.toFixed(3)}%`]
  const questions = [...interval, '-show_entries', PACKETS, '-of', 'csv=p=0']
  const onLine = (line: string) => {
    const [stream, pts, dts, duration] = line.split(',')
    if (stream) readPacket(onPacket, stream, pts, dts, duration)
  }
  await askFfprobe(path, questions, onLine, { signal })
}

type Printed = string | undefined

function readPacket(onPacket: OnPacket, stream: string, pts: Printed, dts: Printed, duration: Printed): void {
  // What has no time is printed as N/A, or not at all.
  const time = Number.isNaN(Number(pts ?? Number.NaN)) ? Number(dts) : Number(pts)
  if (Number.isFinite(time)) onPacket({ stream: Number(stream), time, duration: Number(duration) || 0 })
}

/**
 * Decodes a little of the first picture and of the first sound.
 * @param from seconds from which on.
 * @returns whether anything came out of either: damaged files may have a header and nothing behind it.
 * @throws StepError `too_much` where that takes more memory or time than there is for it.
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
    const succeeded = await runFfmpeg(
      { input: path, inputOptions, largePictures: isLarge(stream), outputs: [output] },
      { signal },
    ).then(
      ({ lines }) => lines.some(line => /(frame|time)=\s*(?!0\s|00:00:00\.00|N\/A)\S/.test(line)),
      error => {
        if (signal.aborted || !(error instanceof StepError) || error.retryable) throw error
        if (error.code === 'too_much') throw error
        return false
      },
    )
    if (succeeded) return true
  }
  return false
}
