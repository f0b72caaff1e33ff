import type { MediaStream } from './media-info.ts'

/** The highest frame rate of a rendition. */
export const MAX_RATE_HZ = 60
/** Slideshows with fewer frames count as if they had this rate. */
const MIN_RATE_HZ = 10
const USUAL_RATE_HZ = 24

/** @returns the usual duration of a rendition's frame, in seconds. */
export function frameLength(picture: Pick<MediaStream, 'frameRate'> | undefined): number {
  return 1 / Math.min(MAX_RATE_HZ, Math.max(MIN_RATE_HZ, picture?.frameRate ?? USUAL_RATE_HZ))
}
