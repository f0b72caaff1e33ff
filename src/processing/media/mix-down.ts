import type { MediaStream } from './media-info.ts'

/** FFmpeg can mix up to eight channels with a loudspeaker position down to two, but not more. */
export const MAX_PLACED_CHANNELS = 8

/** Mixes all channels to one if FFmpeg cannot do it: some recorders write one channel per microphone. */
export function mixDown({ channels = 1 }: Pick<MediaStream, 'channels'>): string[] {
  if (channels <= MAX_PLACED_CHANNELS) return []
  return [`pan=mono|c0<${Array.from({ length: channels }, (_, channel) => `c${channel}`).join('+')}`]
}
