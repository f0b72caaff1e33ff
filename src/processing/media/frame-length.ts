import type { MediaStream } from './media-info.ts'

/** Frames per second: renditions have no more. */
export const MAX_RATE_HZ = 60
/** Slideshows count as if they had this rate. */
const MIN_RATE_HZ = 10
const USUAL_RATE_HZ = 24

/** @returns seconds that a picture of a rendition lasts by default. */
export function frameLength(picture: Pick<MediaStream, 'frameRate'> | undefined): number {
  return 1 / Math.min(MAX_RATE_HZ, Math.max(MIN_RATE_HZ, picture?.frameRate ?? USUAL_RATE_HZ))
}
