import { execFile } from 'node:child_process'
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

export interface RunOptions {
  readonly signal: AbortSignal
  /** Called with the seconds of media that are done, about twice a second. */
  readonly onTime?: (seconds: number) => void
}

/** What ffmpeg makes of one file. */
export interface FfmpegJob {
  /** An absolute path. */
  readonly input: string
  /** Options of the input, such as `-ss`. */
  readonly inputOptions?: readonly string[]
  /** Graphs over more than one stream; their labelled ends can be mapped. */
  readonly complexFilters?: readonly string[]
  readonly outputs: readonly FfmpegOutput[]
}

export interface FfmpegOutput {
  /** What goes in, such as `0:a:0`. Nothing else does. */
  readonly map: readonly string[]
  readonly audioFilters?: readonly string[]
  readonly videoFilters?: readonly string[]
  /** Codecs and whatever else. */
  readonly options?: readonly string[]
  /** The muxer, such as `mp4`; `null` where only what ffmpeg says is of interest. */
  readonly format: string
  /** An absolute path, written over. Without it, the output goes nowhere. */
  readonly path?: string
}

/**
 * Runs ffmpeg. @returns the lines that it said, the latest of them where that is very much.
 * @throws StepError `undecodable`, `storage_full`, `killed`; the signal's reason where that ended it.
 */
export function runFfmpeg(job: FfmpegJob, options: RunOptions): Promise<{ lines: string[] }> {
  const command = ffmpeg(`file:${job.input}`).inputOptions([...INPUT_GUARD, ...(job.inputOptions ?? [])])
  if (job.complexFilters) command.complexFilter([...job.complexFilters])
  for (const { path, map, audioFilters = [], videoFilters = [], options = [], format } of job.outputs) {
    command
      .output(path === undefined ? '-' : `file:${path}`)
      .audioFilters([...audioFilters])
      .videoFilters([...videoFilters])
      .outputOptions([...map.flatMap(stream => ['-map', stream]), '-sn', '-dn', ...options])
      .format(format)
  }
  return run(command, options)
}

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

/**
 * Asks ffprobe about a file. @param questions its options, such as `-show_streams`. @returns its JSON.
 * @throws StepError `unsupported_media` where the file is none that can be opened, `stalled`; the signal's reason where that ended it.
 */
export async function runFfprobe(
  input: string,
  questions: readonly string[],
  { signal }: RunOptions,
): Promise<unknown> {
  try {
    const { stdout } = await promisify(execFile)(
      'ffprobe',
      ['-v', 'error', ...INPUT_GUARD, ...questions, '-of', 'json', `file:${input}`],
      { signal, timeout: 120_000, killSignal: 'SIGKILL', maxBuffer: 512 * 1024 * 1024 },
    )
    return JSON.parse(stdout)
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
