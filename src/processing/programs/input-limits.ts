import { lstat } from 'node:fs/promises'
import { StepError } from '../../base/errors.ts'
import { DECODERS } from './codecs.ts'

/** More than any film has of subtitles and fonts; a file with thousands of streams would cost minutes and gigabytes. */
const MAX_STREAMS = 400
/** A little more than 8K. One picture takes up to 8 bytes a pixel, and a decoder holds several pictures. */
const MAX_PIXELS = 36_000_000

/** Enough to convert 4K HDR to 1080p, with a few MiB to spare. */
export const MEMORY_BYTES = 486 * 2 ** 20

/**
 * Options for every input of ffmpeg and ffprobe. We choose the demuxer, and no other one runs. Formats that name further files, such as
 * playlists, cannot be opened: one in place of a video would copy other people's videos into its artifacts.
 */
export function inputGuard(demuxer: string): string[] {
  return [
    ...['-protocol_whitelist', 'file', '-format_whitelist', demuxer, '-f', demuxer],
    ...['-codec_whitelist', DECODERS, '-max_streams', String(MAX_STREAMS)],
    ...['-max_pixels', String(MAX_PIXELS)],
  ]
}

/** @returns bytes. @throws StepError `unsupported_media` unless the input is an ordinary file; a link to one is refused too. */
export async function sizeOf(input: string): Promise<number> {
  const stats = await lstat(input)
  if (!stats.isFile()) throw unreadable('not an ordinary file')
  return stats.size
}

/** The failure of a file that cannot be opened. @param detail the program's message. */
export function unreadable(detail: string): StepError {
  const message = /moov atom not found|End of file/.test(detail)
    ? 'The file was cut off: it lacks what is needed to play any of it, such as an index at its end.'
    : 'The file is not a video or audio file that can be read.'
  return new StepError('unsupported_media', message, { retryable: false, cause: new Error(detail) })
}
