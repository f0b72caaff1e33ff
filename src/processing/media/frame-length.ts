import type { MediaStream } from './media-info.ts'

/** Pictures a second that are kept at most. */
export const MAX_RATE = 60
/** Pictures a second that slideshows are taken to have at least. */
const MIN_RATE = 10
const USUAL_RATE = 24

/** Seconds that a picture of a rendition lasts if nothing says otherwise. */
export function frameLength(picture: Pick<MediaStream, 'frameRate'> | undefined): number {
  return 1 / Math.min(MAX_RATE, Math.max(MIN_RATE, picture?.frameRate ?? USUAL_RATE))
}
