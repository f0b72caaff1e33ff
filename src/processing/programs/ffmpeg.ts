import { lstat } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { dirname } from 'node:path'
import ffmpeg from 'fluent-ffmpeg'
import { MachineFault, StepError } from '../../base/errors.ts'
import { DECODERS } from './codecs.ts'
import { recognise } from './container.ts'
import { faultBehind, machineFault } from './machine-faults.ts'
import { MAX_OPENED, openOnly, refusedDecoder } from './opened-decoders.ts'
import { type Confinement, type Ending, type Limits, runConfined } from './sandbox.ts'

/**
 * For every input. Playlists and other formats that name further files cannot be opened at all: one under a video's name would copy
 * other people's videos into its own artifacts. The demuxer is ours to choose, and the only one that runs.
 */
const inputGuard = (demuxer: string) => [
  ...['-protocol_whitelist', 'file', '-format_whitelist', demuxer, '-f', demuxer],
  ...['-codec_whitelist', DECODERS, '-max_streams', String(MAX_STREAMS), '-max_pixels', String(MAX_PIXELS)],
]
/** Films have dozens of subtitles and fonts; a file of thousands would cost minutes and gigabytes, and is refused at once. */
const MAX_STREAMS = 400
/** A little more than 8K. One picture takes up to 8 bytes for each, and a decoder holds several. */
const MAX_PIXELS = 36_000_000
/** Every further thread of a decoder or an encoder holds pictures more, and those of filters a stack. */
const DECODER_THREADS = Math.min(2, availableParallelism())
const ENCODER_THREADS = Math.min(4, availableParallelism())
const FILTER_THREADS = ['-filter_threads', '1', '-filter_complex_threads', '1']

/** Bytes of memory. Bringing 4K from HDR to 1080p takes all but a few MiB of it. */
const MEMORY = 486 * 2 ** 20
/** Bytes of one output: renditions can be larger than their source. */
const largestOutput = (size: number) => 2 ** 30 + 4 * size
/**
 * Seconds by the clock that a file of a size in bytes can keep a program busy, far more than what people film takes on a slow machine:
 * it is files that promise days in a few kilobytes which end here. What makes no progress ends sooner, by the step's patience.
 */
const longestRun = (size: number) => 900 + size / 1000
/** Seconds that looking into a file may take: most reads its head only, some all of its packets. */
const longestLook = (size: number) => 60 + size / 10_000_000
/** Characters that ffprobe may tell of all streams together. */
const MAX_ANSWER = 4 * 2 ** 20

/** Lines of ffmpeg's that are kept at least: a damaged file makes it complain about every packet. */
const KEPT_LINES = 50_000
/** Characters of a line that are kept: what a file says of itself can be of any length. */
const KEPT_CHARACTERS = 1000

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
  /**
   * Seconds: the input is opened once for each, there, or at its beginning if undefined. What comes of them is `0:`, `1:` and so on.
   */
  readonly seeks?: readonly (number | undefined)[]
  /** Whether its pictures are larger than those of HD, of which few fit into memory. */
  readonly largePictures?: boolean
  /** What the input is opened as, of a file that we wrote ourselves and that does not tell. */
  readonly demuxer?: string
  /** Graphs over more than one stream; their labelled ends can be mapped. */
  readonly complexFilters?: readonly string[]
  readonly outputs: readonly FfmpegOutput[]
  /** Where the input's size is no measure for them. */
  readonly limits?: Partial<Limits>
}

export interface FfmpegOutput {
  /** What goes in, such as `0:a:0`. Nothing else does. */
  readonly map: readonly string[]
  /** Whether subtitles may go in. */
  readonly subtitles?: boolean
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
 * @throws StepError `unsupported_media`, `undecodable`, `too_much`; MachineFault; the signal's reason if that ended it.
 */
export async function runFfmpeg(
  job: FfmpegJob,
  { signal, onTime }: RunOptions,
): Promise<{ lines: string[] }> {
  signal.throwIfAborted()
  const demuxer = job.demuxer ?? (await recognise(job.input))
  const size = await sizeOf(job.input)
  const limits = { seconds: longestRun(size), memory: MEMORY, fileSize: largestOutput(size), ...job.limits }
  const lines: string[] = []
  const onStderr = byLine(line => {
    // What it repeats twice a second is of use while it is new.
    if (lines.length > 0 && isStatus(line) && isStatus(lines.at(-1)!)) lines.pop()
    lines.push(line.slice(0, KEPT_CHARACTERS))
    if (lines.length > 2 * KEPT_LINES) lines.splice(0, KEPT_LINES)
    if (isStatus(line)) onTime?.(seconds(/time=\s*(\S+)/.exec(line)?.[1]))
  })
  const writes = [...new Set(job.outputs.flatMap(({ path }) => (path === undefined ? [] : [dirname(path)])))]
  const ending = await run(['ffmpeg', ...argumentsOf(job, demuxer)], {
    ...{ limits, signal, onStderr, writes },
    reads: [job.input],
  })
  // ffmpeg 5 exits with 0 if there was no room for the end of its last file.
  const unwritten = lines.some(line => /Error (writing trailer|closing file)/.test(line))
  if (ending.code !== 0 || unwritten || ending.noRoom || ending.strange.length > 0) {
    throw await explain(ending, lines, writes, signal)
  }
  return { lines }
}

/** fluent-ffmpeg knows the order of the arguments; it is not let near a process, which it would start without any of our limits. */
function argumentsOf(job: FfmpegJob, demuxer: string): string[] {
  const command = ffmpeg()
  const threads = ['-threads', String(job.largePictures ? 1 : DECODER_THREADS)]
  for (const seek of job.seeks ?? [undefined]) {
    command
      .input(`file:${job.input}`)
      .inputOptions(['-hide_banner', '-nostdin', ...FILTER_THREADS, ...threads, ...inputGuard(demuxer)])
      .inputOptions([...(job.inputOptions ?? []), ...(seek === undefined ? [] : ['-ss', seek.toFixed(3)])])
  }
  if (job.complexFilters) command.complexFilter([...job.complexFilters])
  for (const {
    path,
    map,
    subtitles = false,
    audioFilters = [],
    videoFilters = [],
    options = [],
    format,
  } of job.outputs) {
    command
      .output(path === undefined ? '-' : `file:${path}`)
      .audioFilters([...audioFilters])
      .videoFilters([...videoFilters])
      .outputOptions([
        ...map.flatMap(stream => ['-map', stream]),
        ...[...(subtitles ? [] : ['-sn']), '-dn', '-threads', String(ENCODER_THREADS), ...options, '-y'],
      ])
      .format(format)
  }
  return command._getArguments()
}

/**
 * Asks ffprobe about a file. @param questions its options, such as `-show_streams` and `-of csv`. @param onLine takes its answer, which
 * can be long, line by line. @param onRestart called when the answer begins again.
 * @throws StepError `unsupported_media` if the file cannot be opened; MachineFault; the signal's reason if that ended it.
 */
export async function askFfprobe(
  input: string,
  questions: readonly string[],
  onLine: (line: string) => void,
  { signal }: RunOptions,
  onRestart: () => void = () => {},
): Promise<void> {
  signal.throwIfAborted()
  const demuxer = await recognise(input)
  const size = await sizeOf(input)
  const limits = { seconds: longestLook(size), memory: MEMORY, fileSize: 0 }
  const opened = new Set<string>()
  for (;;) {
    const complaint: string[] = []
    const ending = await run(
      [
        ...['ffprobe', '-v', 'error', ...inputGuard(demuxer), ...openOnly(opened)],
        ...[...questions, '-i', `file:${input}`],
      ],
      {
        limits,
        signal,
        reads: [input],
        onStdout: byLine(onLine),
        onStderr: byLine(line => {
          complaint.push(line.slice(0, KEPT_CHARACTERS))
          if (complaint.length > 100) complaint.shift()
        }),
      },
    )
    if (ending.code === 0) return
    const refused = refusedDecoder(complaint)
    if (!refused || opened.has(refused) || opened.size >= MAX_OPENED) {
      const detail = complaint.slice(-5).join('\n') || describe(ending)
      throw (await faultBehind(ending, [], signal, detail)) ?? unreadable(detail)
    }
    opened.add(refused)
    onRestart()
  }
}

/** Bytes of a file that is about to be read. @throws StepError `unsupported_media` unless it is an ordinary file, and no link to one. */
async function sizeOf(input: string): Promise<number> {
  const stats = await lstat(input)
  if (!stats.isFile()) throw unreadable('not an ordinary file')
  return stats.size
}

/** Runs a program confined. @throws MachineFault if it could not even be started. */
async function run(command: readonly string[], confinement: Confinement): Promise<Ending> {
  try {
    return await runConfined(command, confinement)
  } catch (error) {
    confinement.signal.throwIfAborted()
    throw machineFault(error) ?? new MachineFault('storage_unusable', error)
  }
}

/**
 * Asks ffprobe about a file. @param takes whether a line of the answer is to be left out. @returns the rest of it from JSON.
 * @throws StepError as `askFfprobe`, and `unsupported_media` where the answer is longer than that of any film.
 */
export async function runFfprobe(
  input: string,
  questions: readonly string[],
  { signal }: RunOptions,
  takes: (line: string) => boolean = () => false,
): Promise<unknown> {
  const answer: string[] = []
  let length = 0
  const tooMuch = new AbortController()
  const onLine = (line: string) => {
    if (takes(line)) return
    length += line.length
    if (length > MAX_ANSWER) tooMuch.abort(unreadable('it told too much'))
    else answer.push(line)
  }
  const either = AbortSignal.any([signal, tooMuch.signal])
  await askFfprobe(input, [...questions, '-of', 'json=compact=1'], onLine, { signal: either }, () => {
    answer.length = length = 0
  })
  try {
    // What ffprobe prints is UTF-8, as far as the file's tags are.
    return JSON.parse(Buffer.from(answer.join(''), 'latin1').toString('utf8'))
  } catch (error) {
    throw unreadable(`${error}`)
  }
}

function unreadable(detail: string): StepError {
  const message = /moov atom not found|End of file/.test(detail)
    ? 'The file was cut off: it lacks what is needed to play any of it, such as an index at its end.'
    : 'The file is not a video or audio file that can be read.'
  return new StepError('unsupported_media', message, { retryable: false, cause: new Error(detail) })
}

/** Says why a program failed: by a fault of the machine or, if there is none, by a fault of the file. What it said only chooses between two of the latter. */
async function explain(
  ending: Ending,
  lines: readonly string[],
  writes: readonly string[],
  signal: AbortSignal,
): Promise<StepError | MachineFault> {
  const detail = [describe(ending), ...lines.slice(-5)].join('\n')
  const fault = await faultBehind(ending, writes, signal, detail)
  if (fault) return fault
  const cause = new Error(detail)
  // An encoder's statistics can follow the complaint.
  const starved = lines
    .slice(-50)
    .some(line => /Cannot allocate memory|malloc of size \d+ failed|get_buffer\(\) failed/.test(line))
  if (ending.timedOut || ending.excessive || starved) {
    return new StepError(
      'too_much',
      'Processing the file takes far more time, memory or room than a file of its size should.',
      { retryable: false, cause },
    )
  }
  return new StepError(
    'undecodable',
    'The media in the file is damaged or of a kind that cannot be decoded.',
    { retryable: false, cause },
  )
}

function describe({ code, signal, timedOut, excessive, strange }: Ending): string {
  if (strange.length > 0) return `left what is no file: ${strange.join(', ')}`
  if (timedOut) return 'ended because its time was over'
  if (excessive) return 'ended because it took too much'
  return signal ? `ended by ${signal}` : `ended with exit code ${code}`
}

/** Lines end with a line feed, or where ffmpeg writes over the last one, with a carriage return. */
function byLine(onLine: (line: string) => void): (chunk: Buffer) => void {
  let rest = ''
  return chunk => {
    const parts = (rest + chunk.toString('latin1')).split(/[\r\n]+/)
    // A line without an end grows no longer than that.
    rest = parts.pop()!.slice(-10_000)
    for (const line of parts) if (line !== '') onLine(line)
  }
}

function isStatus(line: string): boolean {
  return line.includes('time=') && line.includes('bitrate=')
}

function seconds(timemark: string | undefined): number {
  const [, hours = 0, minutes = 0, rest = 0] = /^(\d+):(\d+):([\d.]+)$/.exec(timemark ?? '') ?? []
  return Number(hours) * 3600 + Number(minutes) * 60 + Number(rest)
}
