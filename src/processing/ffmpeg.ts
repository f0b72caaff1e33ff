import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import ffmpeg from 'fluent-ffmpeg'
import { StepError } from '../errors.ts'

/**
 * What files are opened as. Playlists and other formats that name further files are not among them: a playlist under a video's name
 * would copy other people's videos into its own artifacts.
 */
const DEMUXERS = [
  'mov,matroska,avi,mpegts,mpeg,flv,asf,ogg,wav,w64,aiff,caf,mp3,aac,ac3,eac3,flac,amr,au,dv,mxf,rm,nut,ivf,h264,hevc,m4v,mjpeg',
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

/** Below this level, in dB of full scale, audio counts as silence. */
const SILENCE_LEVEL = -50
/** The shortest silence that is noted, in seconds. */
const SILENCE_LENGTH = 0.3

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

/** A stretch of silence, in seconds from the start. */
export type Silence = readonly [start: number, end: number]

export interface RunOptions {
  readonly signal: AbortSignal
  /** Called with the seconds of media that are done, about twice a second. */
  readonly onTime?: (seconds: number) => void
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
  const output = await ffprobe(path, ['-show_format', '-show_streams'], signal)
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
  const { packets = [] } = await ffprobe(
    path,
    ['-show_entries', 'packet=pts_time,dts_time,duration_time'],
    signal,
  )
  let end = 0
  for (const packet of packets) {
    end = Math.max(end, Number(packet.pts_time ?? packet.dts_time ?? 0) + Number(packet.duration_time ?? 0))
  }
  return end > 0 ? end : undefined
}

async function ffprobe(path: string, questions: string[], signal: AbortSignal): Promise<ProbeOutput> {
  try {
    const { stdout } = await promisify(execFile)(
      'ffprobe',
      ['-v', 'error', ...INPUT_GUARD, ...questions, '-of', 'json', `file:${path}`],
      { signal, timeout: 120_000, killSignal: 'SIGKILL', maxBuffer: 512 * 1024 * 1024 },
    )
    return JSON.parse(stdout) as ProbeOutput
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

/** Decodes a little of every kind of stream. @returns whether anything came out: damaged files may have a sound header and nothing behind it. */
export async function isDecodable(path: string, info: MediaInfo, signal: AbortSignal): Promise<boolean> {
  for (const { kind } of info.streams) {
    const selector = kind === 'video' ? 'v:0' : 'a:0'
    const command = ffmpeg(`file:${path}`)
      .inputOptions(INPUT_GUARD)
      .outputOptions([
        '-map',
        `0:${selector}`,
        '-frames',
        '25',
        '-xerror',
        '-err_detect',
        'explode',
        '-f',
        'null',
      ])
      .output('-')
    const succeeded = await run(command, { signal }).then(
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

/**
 * Extracts the first audio stream as mono 16 kHz MP3, in step with the video: a late start and gaps become silence.
 * @returns the silences in it, in order.
 */
export async function extractAudio(input: string, output: string, options: RunOptions): Promise<Silence[]> {
  const command = ffmpeg(`file:${input}`)
    .inputOptions(INPUT_GUARD)
    .outputOptions(['-map', '0:a:0', '-sn', '-dn', '-vn', '-map_metadata', '-1'])
    .audioFilters([
      'aresample=16000:async=1:first_pts=0',
      `silencedetect=noise=${SILENCE_LEVEL}dB:duration=${SILENCE_LENGTH}`,
    ])
    .audioChannels(1)
    .audioFrequency(16_000)
    .audioCodec('libmp3lame')
    .audioBitrate('48k')
    .format('mp3')
    .output(`file:${output}`)
  const { lines } = await run(command, options)
  return readSilences(lines)
}

function readSilences(lines: readonly string[]): Silence[] {
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

/**
 * Hashes the decoded samples of an audio file, whatever they are wrapped in.
 * @param output where ffmpeg may write. @returns SHA-256 in hex.
 */
export async function hashAudio(input: string, output: string, options: RunOptions): Promise<string> {
  const command = ffmpeg(`file:${input}`)
    .inputOptions(INPUT_GUARD)
    .outputOptions(['-map', '0:a:0', '-hash', 'sha256'])
    .format('hash')
    .output(`file:${output}`)
  await run(command, options)
  const [, hash] = /^SHA256=([0-9a-f]{64})$/m.exec(await readFile(output, 'utf8')) ?? []
  if (!hash) throw explain(new Error('there is no hash'), [])
  return hash
}

/** Takes a telling frame near a time in seconds as JPEG, at most 1280 pixels wide. */
export async function takePoster(
  input: string,
  output: string,
  at: number,
  options: RunOptions,
): Promise<void> {
  const command = ffmpeg(`file:${input}`)
    .inputOptions([...INPUT_GUARD, '-ss', at.toFixed(3)])
    .outputOptions(['-map', '0:v:0', '-an', '-sn', '-dn', '-frames:v', '1', '-q:v', '3', '-update', '1'])
    .videoFilters(["scale='min(1280,iw)':-2", 'thumbnail=25', 'format=yuvj420p'])
    .format('image2')
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

function positive(value: string | undefined): number | undefined {
  const number = Number(value)
  return number > 0 ? number : undefined
}
