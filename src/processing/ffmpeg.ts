import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import ffmpeg from 'fluent-ffmpeg'
import { StepError } from '../errors.ts'
import { type MediaInfo, pictureOf, readMediaInfo, soundOf } from './media-info.ts'

/**
 * What files are opened as. Playlists and other formats that name further files are not among them: a playlist under a video's name
 * would copy other people's videos into its own artifacts.
 */
const DEMUXERS = [
  'mov,rawvideo,matroska,avi,mpegts,mpeg,flv,asf,ogg,wav,w64,aiff,caf,mp3,aac,ac3,eac3,flac,amr,au,dv,mxf,rm,nut,ivf,h264,hevc,m4v,mjpeg',
].join()
const DECODERS = [
  'h264,hevc,vp8,vp9,libvpx,libvpx-vp9,av1,libdav1d,libaom-av1,mpeg4,msmpeg4v1,msmpeg4v2,msmpeg4,mpeg1video,mpeg2video,mpegvideo',
  'h263,h263i,flv,wmv1,wmv2,wmv3,vc1,theora,prores,dnxhd,mjpeg,png,dvvideo,rv30,rv40,rawvideo,svq3,ffv1',
  'aac,aac_latm,mp3,mp3float,mp2,mp2float,mp1float,ac3,eac3,dca,opus,libopus,vorbis,libvorbis,flac,alac,wmav1,wmav2,wmapro,cook',
  'amrnb,amrwb,libopencore_amrnb,libopencore_amrwb,adpcm_ms,adpcm_ima_wav,adpcm_ima_qt,pcm_alaw,pcm_mulaw,gsm,gsm_ms',
  'pcm_u8,pcm_s8,pcm_s16le,pcm_s16be,pcm_s24le,pcm_s24be,pcm_s32le,pcm_s32be,pcm_f32le,pcm_f32be,pcm_f64le,pcm_dvd,pcm_bluray',
].join()
const INPUT_GUARD = [
  ['-protocol_whitelist', 'file'],
  ['-format_whitelist', DEMUXERS],
  ['-codec_whitelist', DECODERS],
  ['-max_streams', '32'],
].flat()

/** Lines of ffmpeg's that are kept at least: a damaged file makes it complain about every packet. */
const KEPT_LINES = 50_000

/** A stretch of silence, in seconds from the start. */
export type Silence = readonly [start: number, end: number]

export interface RunOptions {
  readonly signal: AbortSignal
  /** Called with the seconds of media that are done, about twice a second. */
  readonly onTime?: (seconds: number) => void
}

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
  return readMediaInfo(
    JSON.parse(await ffprobe(path, ['-show_format', '-show_streams', '-of', 'json'], signal)),
  )
}

/** Looks into a file and reads the times of all its packets, in one go: for small files. @throws StepError as `inspect` */
export async function inspectPackets(
  path: string,
  signal: AbortSignal,
): Promise<{ info: MediaInfo; packets: Packet[] }> {
  const questions = ['-show_format', '-show_streams', ...PACKETS, '-of', 'json']
  const output = JSON.parse(await ffprobe(path, questions, signal))
  const packets = (output.packets ?? []).flatMap((packet: Record<string, string | number>) =>
    readPacket(packet['stream_index'], packet['pts_time'], packet['dts_time'], packet['duration_time']),
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
  const output = await ffprobe(path, [...interval, ...PACKETS, '-of', 'csv=p=0'], signal)
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

async function ffprobe(path: string, questions: string[], signal: AbortSignal): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(
      'ffprobe',
      ['-v', 'error', ...INPUT_GUARD, ...questions, `file:${path}`],
      { signal, timeout: 120_000, killSignal: 'SIGKILL', maxBuffer: 512 * 1024 * 1024 },
    )
    return stdout
  } catch (error) {
    signal.throwIfAborted()
    const { killed, code, stderr } = error as { killed?: boolean; code?: unknown; stderr?: string }
    const cause = new Error(stderr || String(error))
    if (code === 'ENOENT') throw missing(error)
    if (killed)
      throw new StepError('stalled', 'Looking into the file took too long.', {
        retryable: true,
        cause: error,
      })
    throw new StepError('unsupported_media', 'The file is not a video or audio file that can be read.', {
      retryable: false,
      cause,
    })
  }
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
    const strict = ['-frames', '25', '-xerror', '-err_detect', 'explode', '-f', 'null']
    const job = {
      input: from > 0 ? ['-ss', from.toFixed(3)] : [],
      outputs: [{ arguments: ['-map', `0:${stream.index}`, ...strict], path: '-' }],
    }
    const succeeded = await convert(path, job, { signal }).then(
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

/** What ffmpeg is to make of a file. */
export interface Job {
  /** Options of the input. */
  readonly input: readonly string[]
  readonly outputs: readonly { readonly arguments: readonly string[]; readonly path: string }[]
}

/**
 * Runs ffmpeg on a file.
 * @returns what it said, the latest of it where that is very much. @throws StepError; the signal's reason where that ended it.
 */
export function convert(path: string, job: Job, options: RunOptions): Promise<{ lines: string[] }> {
  const command = ffmpeg(`file:${path}`).inputOptions([...INPUT_GUARD, ...job.input])
  for (const { arguments: options, path } of job.outputs) {
    command.output(path === '-' ? path : `file:${path}`).outputOptions([...options])
  }
  return run(command, options)
}

/** What the filter `silencedetect` said, as set up in audio.ts. */
export function readSilences(lines: readonly string[]): Silence[] {
  const silences: [number, number][] = []
  for (const line of lines) {
    const start = /silence_start: (-?[\d.]+)/.exec(line)
    const end = /silence_end: (-?[\d.]+)/.exec(line)
    if (start) silences.push([Math.max(0, Number(start[1])), Number.POSITIVE_INFINITY])
    const last = silences.at(-1)
    if (end && last) last[1] = Number(end[1])
  }
  return silences
}

/** Cuts a stretch out of an audio file, exact to the sample, in the same format. Times are seconds. */
export async function cutAudio(
  input: string,
  output: string,
  from: number,
  to: number,
  options: RunOptions,
): Promise<void> {
  const command = ffmpeg(`file:${input}`)
    .inputOptions([...INPUT_GUARD, '-ss', from.toFixed(3)])
    .outputOptions(['-t', (to - from).toFixed(3), '-map_metadata', '-1'])
    .audioCodec('libmp3lame')
    .audioBitrate('48k')
    .format('mp3')
    .output(`file:${output}`)
  await run(command, options)
}

/** @returns what ffmpeg said, the latest of it where that is very much. @throws StepError `undecodable`; the signal's reason where that ended it. */
function run(command: ffmpeg.FfmpegCommand, { signal, onTime }: RunOptions): Promise<{ lines: string[] }> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason)
    const lines: string[] = []
    const abort = () => command.kill('SIGKILL')
    signal.addEventListener('abort', abort, { once: true })
    command
      .inputOption('-nostdin')
      .outputOption('-y')
      .renice(10)
      // Before it has started there is nothing to end: fluent-ffmpeg asks ffmpeg for its abilities first.
      .on('start', () => signal.aborted && abort())
      .on('stderr', (line: string) => {
        // What it repeats twice a second is of use while it is new.
        if (lines.length > 0 && isStatus(line) && isStatus(lines.at(-1)!)) lines.pop()
        lines.push(line)
        if (lines.length > 2 * KEPT_LINES) lines.splice(0, KEPT_LINES)
        // Not the event `progress`: for it fluent-ffmpeg looks into the file with an ffprobe that has none of our limits, nor ends by a signal.
        if (isStatus(line)) onTime?.(seconds(/time=\s*(\S+)/.exec(line)?.[1]))
      })
      .on('end', () => {
        signal.removeEventListener('abort', abort)
        // ffmpeg 5 exits with 0 where the last that it wrote found no room.
        if (lines.some(line => /Error (writing trailer|closing file)/.test(line))) {
          reject(explain(new Error('the end of the output was not written'), lines))
        } else resolve({ lines })
      })
      .on('error', error => {
        signal.removeEventListener('abort', abort)
        reject(signal.aborted ? signal.reason : explain(error, lines))
      })
      .run()
  })
}

function explain(error: Error, lines: readonly string[]): StepError {
  const detail = lines.slice(-5).join('\n')
  const cause = new Error(detail || error.message)
  if (/ENOENT|Cannot find ff/.test(error.message)) return missing(error)
  if (/No space left on device/.test(detail)) {
    return new StepError('storage_full', 'There was no room left to write the result.', {
      retryable: true,
      cause,
    })
  }
  if (/was killed with signal/.test(error.message)) {
    return new StepError('killed', 'The media program was ended from outside.', { retryable: true, cause })
  }
  return new StepError(
    'undecodable',
    'The media in the file is damaged or of a kind that cannot be decoded.',
    {
      retryable: false,
      cause,
    },
  )
}

function missing(cause: unknown): StepError {
  return new StepError('ffmpeg_missing', 'ffmpeg is not installed where the worker runs.', {
    retryable: true,
    cause,
  })
}

function isStatus(line: string): boolean {
  return line.includes('time=') && line.includes('bitrate=')
}

function seconds(timemark: string | undefined): number {
  const [, hours = 0, minutes = 0, rest = 0] = /^(\d+):(\d+):([\d.]+)$/.exec(timemark ?? '') ?? []
  return Number(hours) * 3600 + Number(minutes) * 60 + Number(rest)
}
