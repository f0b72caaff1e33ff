import { join } from 'node:path'
import { StepError } from '../../base/errors.ts'
import { type FfmpegOutput, type RunOptions, runFfmpeg } from '../programs/ffmpeg.ts'
import { inspect } from './inspect.ts'
import type { MediaStream } from './media-info.ts'
import { mixDown } from './rendition.ts'
import { SPEECH_RATE_HZ } from './speech-mix.ts'

/** A file, with FFmpeg's options that shift its times to those of the presentation. */
export interface SoundSource {
  readonly path: string
  readonly inputOptions: readonly string[]
}

/** How a download of a sound is made. */
export interface Download {
  readonly copied: boolean
  readonly codec: readonly string[]
  readonly format: string
  readonly extension: string
  readonly contentType: string
}

/** MP3 plays on every device. */
export const ENCODED: Download = {
  copied: false,
  codec: ['libmp3lame', '-q:a', '2'],
  format: 'mp3',
  extension: '.mp3',
  contentType: 'audio/mpeg',
}

/** Copies what plays on every device; encodes the rest. */
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

/** Leaves out pictures and the file's own tags. */
export const BARE = ['-vn', '-map_metadata', '-1', '-map_chapters', '-1']

/** The output of ffmpeg for a download. If it is encoded, it is as long as the film: a late start and gaps become silence. */
export function downloadOutput(sound: MediaStream, download: Download, path: string): FfmpegOutput {
  return {
    map: [`0:${sound.index}`],
    audioFilters: download.copied ? [] : [...mixDown(sound), 'aresample=async=1:first_pts=0'],
    options: [...BARE, '-c:a', ...download.codec],
    format: download.format,
    path,
  }
}

/** A filter that counts samples; ffmpeg prints the number at its end. */
export const COUNT_SAMPLES = 'astats=measure_perchannel=none:measure_overall=Number_of_samples'

/** @returns seconds of sound that COUNT_SAMPLES counted at SPEECH_RATE_HZ. */
export function countedSeconds(lines: readonly string[]): number {
  const counts = lines.map(line => /Number of samples: (\d+)/.exec(line)?.[1])
  return Number(counts.findLast(Boolean) ?? 0) / SPEECH_RATE_HZ
}

/** A download may differ from the film's sound by two frames of AAC. */
const TOLERANCE_S = 0.05

/**
 * Whether a copied sound lasts as long as in the film. Not every container can store that an edit list cuts off a part, or that the sound
 * begins late.
 */
export async function isInStep(path: string, duration: number, signal: AbortSignal): Promise<boolean> {
  const made = await inspect(path, signal).catch(passOver)
  if (!made || Math.abs(made.start) > TOLERANCE_S) return false
  return Math.abs((made.duration ?? 0) - duration) <= TOLERANCE_S
}

/** The sound that is downloaded. */
export interface Downloaded {
  readonly sound: MediaStream
  /** Whether an edit list cuts off a part, which a copy would contain. */
  readonly cut: boolean
}

/** Makes the download of a further sound. */
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

/** Ignores a fault of the file. @throws all other errors, which end the step. */
export function passOver(error: unknown): undefined {
  if (!(error instanceof StepError) || error.retryable) throw error
}
