import { StepError } from '../errors.ts'
import { runFfmpeg, runFfprobe } from './ffmpeg.ts'

export interface MediaStream {
  readonly kind: 'video' | 'audio'
  readonly codec: string
  /** Pixels as displayed, after rotation; of video. */
  readonly width?: number
  readonly height?: number
}

export interface MediaInfo {
  /** FFmpeg's name of the demuxer, such as `mov,mp4,m4a,3gp,3g2,mj2`. */
  readonly format: string
  readonly brand: string | undefined
  /** Seconds; undefined where the file does not tell. */
  readonly duration: number | undefined
  readonly streams: readonly MediaStream[]
}

interface ProbeOutput {
  format?: { format_name?: string; duration?: string; tags?: Record<string, string> }
  streams?: ProbeStream[]
  packets?: { pts_time?: string; dts_time?: string; duration_time?: string }[]
}

interface ProbeStream {
  codec_type?: string
  codec_name?: string
  width?: number
  height?: number
  duration?: string
  disposition?: { attached_pic?: number }
  side_data_list?: { rotation?: number }[]
}

/**
 * Looks into a file. @throws StepError `unsupported_media` where it is none that can be opened.
 */
export async function inspect(path: string, signal: AbortSignal): Promise<MediaInfo> {
  const output = (await runFfprobe(path, ['-show_format', '-show_streams'], { signal })) as ProbeOutput
  const streams = (output.streams ?? []).flatMap(describeStream)
  return {
    format: output.format?.format_name ?? '',
    brand: output.format?.tags?.['major_brand'],
    duration: positive(output.format?.duration) ?? (await durationFromPackets(path, signal)),
    streams,
  }
}

function describeStream(stream: ProbeStream): MediaStream[] {
  const codec = stream.codec_name
  if (!codec || codec === 'unknown') return []
  if (stream.codec_type === 'audio') return [{ kind: 'audio', codec }]
  if (stream.codec_type !== 'video' || stream.disposition?.attached_pic) return []
  const { width = 0, height = 0 } = stream
  const rotation = stream.side_data_list?.find(data => data.rotation !== undefined)?.rotation ?? 0
  const upright = Math.abs(rotation) % 180 === 0
  return [{ kind: 'video', codec, width: upright ? width : height, height: upright ? height : width }]
}

/** The end of the last packet: browsers record WebM without a duration in its header. */
async function durationFromPackets(path: string, signal: AbortSignal): Promise<number | undefined> {
  const { packets = [] } = (await runFfprobe(
    path,
    ['-show_entries', 'packet=pts_time,dts_time,duration_time'],
    { signal },
  )) as ProbeOutput
  let end = 0
  for (const packet of packets) {
    end = Math.max(end, Number(packet.pts_time ?? packet.dts_time ?? 0) + Number(packet.duration_time ?? 0))
  }
  return end > 0 ? end : undefined
}

/** Decodes a little of every kind of stream. @returns whether anything came out: damaged files may have a sound header and nothing behind it. */
export async function isDecodable(path: string, info: MediaInfo, signal: AbortSignal): Promise<boolean> {
  for (const { kind } of info.streams) {
    const output = {
      map: [kind === 'video' ? '0:v:0' : '0:a:0'],
      options: ['-frames', '25', '-xerror', '-err_detect', 'explode'],
      format: 'null',
    }
    const succeeded = await runFfmpeg({ input: path, outputs: [output] }, { signal }).then(
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

function positive(value: string | undefined): number | undefined {
  const number = Number(value)
  return number > 0 ? number : undefined
}
