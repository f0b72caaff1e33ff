import { availableParallelism } from 'node:os'
import { dirname } from 'node:path'
import ffmpeg from 'fluent-ffmpeg'
import { type MachineFault, StepError } from '../../base/errors.ts'
import { recognise } from './container.ts'
import { inputGuard, MEMORY_BYTES, sizeOf } from './input-limits.ts'
import { faultBehind } from './machine-faults.ts'
import { byLine, describeEnding, MAX_LINE_LENGTH, type RunOptions, runProgram } from './media-program.ts'
import type { Ending, Limits } from './sandbox.ts'

export type { RunOptions } from './media-program.ts'

/** Each further thread of a decoder or an encoder holds more pictures, and each thread of a filter a stack. */
const DECODER_THREADS = Math.min(2, availableParallelism())
const ENCODER_THREADS = Math.min(4, availableParallelism())
const FILTER_THREADS = ['-filter_threads', '1', '-filter_complex_threads', '1']

/** Bytes of one output for an input of `bytes`: renditions can be larger than their source. */
const maxOutputFor = (bytes: number) => 2 ** 30 + 4 * bytes
/**
 * Seconds for an input of `bytes`, far more than a slow machine needs. This ends files that claim to last for days in a few kilobytes; a
 * program without progress ends earlier, by the step's stall timeout.
 */
const maxSecondsFor = (bytes: number) => 900 + bytes / 1000

/** The last lines that are kept: for a damaged file, ffmpeg prints a line for each packet. */
const KEPT_LINE_COUNT = 50_000

/** One run of ffmpeg over one file. */
export interface FfmpegJob {
  /** An absolute path. */
  readonly input: string
  /** Options of the input, such as `-ss`. */
  readonly inputOptions?: readonly string[]
  /**
   * The input is opened once for each, at this time in seconds, or at its start if undefined. The streams are then `0:`, `1:` and so on.
   */
  readonly seeks?: readonly (number | undefined)[]
  /** Whether its pictures are larger than those of HD; only few of them fit into memory. */
  readonly largePictures?: boolean
  /** The demuxer for a file that we wrote ourselves and that cannot be recognised. */
  readonly demuxer?: string
  /** Filter graphs over several streams; outputs can map their labels. */
  readonly complexFilters?: readonly string[]
  readonly outputs: readonly FfmpegOutput[]
  /** Limits that do not follow from the input's size. */
  readonly limits?: Partial<Limits>
  /** Gets the bytes of an output without a path. */
  readonly onOutput?: (bytes: Buffer) => void
}

export interface FfmpegOutput {
  /** The streams that it contains, such as `0:a:0`. */
  readonly map: readonly string[]
  /** Whether it may contain subtitles. */
  readonly subtitles?: boolean
  readonly audioFilters?: readonly string[]
  readonly videoFilters?: readonly string[]
  /** Codecs and other options. */
  readonly options?: readonly string[]
  /** The muxer, such as `mp4`; `null` if only the messages matter. */
  readonly format: string
  /** An absolute path; an existing file is overwritten. Without a path, the output goes to `onOutput`. */
  readonly path?: string
}

/**
 * Runs ffmpeg. @returns its messages, line by line; only the last ones if there are very many.
 * @throws StepError `unsupported_media`, `undecodable`, `too_much`; MachineFault; the signal's reason if the signal ended it.
 */
export async function runFfmpeg(
  job: FfmpegJob,
  { signal, onTime }: RunOptions,
): Promise<{ lines: string[] }> {
  signal.throwIfAborted()
  const demuxer = job.demuxer ?? (await recognise(job.input))
  const size = await sizeOf(job.input)
  const limits = {
    ...{ seconds: maxSecondsFor(size), memory: MEMORY_BYTES, fileSize: maxOutputFor(size) },
    ...job.limits,
  }
  const lines: string[] = []
  const onStderr = byLine(line => {
    // Of the status that ffmpeg repeats twice a second, only the newest is kept.
    if (lines.length > 0 && isStatus(line) && isStatus(lines.at(-1)!)) lines.pop()
    lines.push(line.slice(0, MAX_LINE_LENGTH))
    if (lines.length > 2 * KEPT_LINE_COUNT) lines.splice(0, KEPT_LINE_COUNT)
    if (isStatus(line)) onTime?.(secondsOf(/time=\s*(\S+)/.exec(line)?.[1]))
  })
  const writes = [...new Set(job.outputs.flatMap(({ path }) => (path === undefined ? [] : [dirname(path)])))]
  const ending = await runProgram(['ffmpeg', ...argumentsOf(job, demuxer)], {
    ...{ limits, signal, onStderr, writes, reads: [job.input] },
    ...(job.onOutput && { onStdout: job.onOutput }),
  })
  // ffmpeg 5 exits with 0 even if there was no room for the end of its last file.
  const unwritten = lines.some(line => /Error (writing trailer|closing file)/.test(line))
  if (ending.code !== 0 || unwritten || ending.noRoom || ending.strange.length > 0) {
    throw await explain(ending, lines, writes, signal)
  }
  return { lines }
}

/** fluent-ffmpeg puts the arguments in order. It never starts a process: that would run without our limits. */
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
  for (const output of job.outputs) {
    const { path, map, subtitles = false, options = [], format } = output
    command
      .output(path === undefined ? '-' : `file:${path}`)
      .audioFilters([...(output.audioFilters ?? [])])
      .videoFilters([...(output.videoFilters ?? [])])
      .outputOptions([
        ...map.flatMap(stream => ['-map', stream]),
        ...[...(subtitles ? [] : ['-sn']), '-dn', '-threads', String(ENCODER_THREADS), ...options, '-y'],
      ])
      .format(format)
  }
  return command._getArguments()
}

/**
 * Finds out why ffmpeg failed: because of the machine or, if the machine is fine, because of the file. ffmpeg's messages only choose
 * between two faults of the file: a file can make it print anything.
 */
async function explain(
  ending: Ending,
  lines: readonly string[],
  writes: readonly string[],
  signal: AbortSignal,
): Promise<StepError | MachineFault> {
  const detail = [describeEnding(ending), ...lines.slice(-5)].join('\n')
  const fault = await faultBehind(ending, writes, signal, detail)
  if (fault) return fault
  const cause = new Error(detail)
  // The encoder's statistics may follow the error, so search the last 50 lines.
  const noMemory = lines
    .slice(-50)
    .some(line => /Cannot allocate memory|malloc of size \d+ failed|get_buffer\(\) failed/.test(line))
  if (ending.timedOut || ending.excessive || noMemory) {
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

function isStatus(line: string): boolean {
  return line.includes('time=') && line.includes('bitrate=')
}

function secondsOf(timemark: string | undefined): number {
  const [, hours = 0, minutes = 0, rest = 0] = /^(\d+):(\d+):([\d.]+)$/.exec(timemark ?? '') ?? []
  return Number(hours) * 3600 + Number(minutes) * 60 + Number(rest)
}
