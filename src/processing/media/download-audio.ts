import { join } from 'node:path'
import { StepError } from '../../base/errors.ts'
import { type FfmpegOutput, type RunOptions, runFfmpeg } from '../programs/ffmpeg.ts'
import { inspect } from './inspect.ts'
import type { MediaStream } from './media-info.ts'
import { mixDown } from './rendition.ts'
import { SPEECH_RATE_HZ } from './speech-mix.ts'

/** A file, and FFmpeg's options for it, which shift its times to those of the presentation. */
export interface SoundSource {
  readonly path: string
  readonly inputOptions: readonly string[]
}

/** How a sound that people download is made. */
export interface Download {
  readonly copied: boolean
  readonly codec: readonly string[]
  readonly format: string
  readonly extension: string
  readonly contentType: string
}

/** Plays on every device. */
export const ENCODED: Download = {
  copied: false,
  codec: ['libmp3lame', '-q:a', '2'],
  format: 'mp3',
  extension: '.mp3',
  contentType: 'audio/mpeg',
}

/** What plays on every device is taken over as it is. */
export function downloadOf({ codec }: MediaStream): Download {
  const copy = { copied: true, codec: ['copy'] } as const
  if (codec === 'aac') {
    const front = ['copy', '-movflags', '+faststart']
    return { ...copy, codec: front, format: 'ipod', extension: '.m4a', contentType: 'audio/mp4' }
  }
  if (codec === 'mp3') return { ...copy, format: 'mp3', extension: '.mp3', contentType: 'audio/mpeg' }
  if (codec === 'opus' || codec === 'vorbis') {
    return { ...copy, format: 'ogg', extension: '.ogg', contentType: 'audio/ogg' }
  }
  return ENCODED
}

/** Neither pictures nor what the file tells of itself. */
export const BARE = ['-vn', '-map_metadata', '-1', '-map_chapters', '-1']

/** The output of ffmpeg that is a download. What is encoded is as long as the film: a late start and gaps become silence. */
export function downloadOutput(sound: MediaStream, download: Download, path: string): FfmpegOutput {
  return {
    map: [`0:${sound.index}`],
    audioFilters: download.copied ? [] : [...mixDown(sound), 'aresample=async=1:first_pts=0'],
    options: [...BARE, '-c:a', ...download.codec],
    format: download.format,
    path,
  }
}

/** Counts the samples that it lets through; ffmpeg tells the number at its end. */
export const COUNT_SAMPLES = 'astats=measure_perchannel=none:measure_overall=Number_of_samples'

/** @returns seconds of sound that came through COUNT_SAMPLES at SPEECH_RATE_HZ; 0 for none. */
export function countedSeconds(lines: readonly string[]): number {
  const counts = lines.map(line => /Number of samples: (\d+)/.exec(line)?.[1])
  return Number(counts.findLast(Boolean) ?? 0) / SPEECH_RATE_HZ
}

/** Seconds by which a download may be longer or shorter than what is heard in the film: two frames of AAC. */
const TOLERANCE_S = 0.05

/**
 * Whether a sound that was taken over lasts as long as it does in the film. Not every container keeps what an edit list cuts off, or
 * when the sound begins.
 */
export async function isInStep(path: string, duration: number, signal: AbortSignal): Promise<boolean> {
  const made = await inspect(path, signal).catch(passOver)
  if (!made || Math.abs(made.start) > TOLERANCE_S) return false
  return Math.abs((made.duration ?? 0) - duration) <= TOLERANCE_S
}

/** The sound that a download is made of. */
export interface Downloaded {
  readonly sound: MediaStream
  /** Whether an edit list cuts something off, which a copy would hold. */
  readonly cut: boolean
}

/** Makes the download of one more sound. @returns how it was made, and its path. */
export async function makeDownload(
  source: SoundSource,
  { sound, cut }: Downloaded,
  directory: string,
  options: RunOptions,
): Promise<{ download: Download; path: string }> {
  const take = async (download: Download) => {
    const path = join(directory, `track-${sound.index}${download.extension}`)
    const count = {
      map: [`0:${sound.index}`],
      audioFilters: [`aresample=${SPEECH_RATE_HZ}:async=1:first_pts=0`, COUNT_SAMPLES],
      format: 'null',
    }
    const outputs = [downloadOutput(sound, download, path), ...(download.copied ? [count] : [])]
    const { lines } = await runFfmpeg(
      { input: source.path, inputOptions: source.inputOptions, outputs },
      options,
    )
    return { download, path, duration: countedSeconds(lines) }
  }
  const download = cut ? ENCODED : downloadOf(sound)
  const made = download.copied ? await take(download).catch(passOver) : undefined
  if (made && (await isInStep(made.path, made.duration, options.signal))) return made
  return take(ENCODED)
}

/** What is no fault of the file ends the step. */
export function passOver(error: unknown): undefined {
  if (!(error instanceof StepError) || error.retryable) throw error
}
