import { join } from 'node:path'
import { type FfmpegOutput, type RunOptions, runFfmpeg } from '../programs/ffmpeg.ts'
import { ignoreFileFault } from './file-faults.ts'
import { inspect } from './inspect.ts'
import type { MediaStream } from './media-info.ts'
import { mixDown } from './mix-down.ts'
import { SPEECH_RATE_HZ } from './speech-mix.ts'

/** A file, with ffmpeg's options that make its times count from the start of the presentation. */
export interface AudioInput {
  readonly path: string
  readonly inputOptions: readonly string[]
}

/** How to make an audio download. */
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

/** Copies codecs that play on every device, and encodes the others. */
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

/** Leaves out pictures, tags and chapters. */
export const AUDIO_ONLY = ['-vn', '-map_metadata', '-1', '-map_chapters', '-1']

/** ffmpeg's output for a download. Encoding fills a late start and gaps with silence, so the download is in sync with the picture. */
export function downloadOutput(sound: MediaStream, download: Download, path: string): FfmpegOutput {
  return {
    map: [`0:${sound.index}`],
    audioFilters: download.copied ? [] : [...mixDown(sound), 'aresample=async=1:first_pts=0'],
    options: [...AUDIO_ONLY, '-c:a', ...download.codec],
    format: download.format,
    path,
  }
}

/** A filter that counts samples; ffmpeg prints the number when it ends. */
export const COUNT_SAMPLES = 'astats=measure_perchannel=none:measure_overall=Number_of_samples'

/** @returns seconds of audio, from what COUNT_SAMPLES printed at SPEECH_RATE_HZ. */
export function countedSeconds(lines: readonly string[]): number {
  const counts = lines.map(line => /Number of samples: (\d+)/.exec(line)?.[1])
  return Number(counts.findLast(Boolean) ?? 0) / SPEECH_RATE_HZ
}

/** A download may be longer or shorter than its source by two frames of AAC. */
const TOLERANCE_S = 0.05

/**
 * Whether a copy is as long as its source. Some containers cannot store a late start, or an edit list that cuts off a part.
 * @param duration of the source in seconds.
 */
export async function isInSync(path: string, duration: number, signal: AbortSignal): Promise<boolean> {
  const made = await inspect(path, signal).catch(ignoreFileFault)
  if (!made || Math.abs(made.start) > TOLERANCE_S) return false
  return Math.abs((made.duration ?? 0) - duration) <= TOLERANCE_S
}

export interface SoundToDownload {
  readonly sound: MediaStream
  /** Whether an edit list cuts off a part, which a copy would still contain. */
  readonly cut: boolean
}

/** Makes the download of an audio stream that is not the main one. */
export async function makeDownload(
  source: AudioInput,
  { sound, cut }: SoundToDownload,
  directory: string,
  options: RunOptions,
): Promise<{ download: Download; path: string }> {
  const make = async (download: Download) => {
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
  const made = download.copied ? await make(download).catch(ignoreFileFault) : undefined
  if (made && (await isInSync(made.path, made.duration, options.signal))) return made
  return make(ENCODED)
}
