import type { FfmpegJob } from './ffmpeg.ts'
import type { Rung, Track } from './ladder.ts'
import { isLarge, type MediaStream } from './media-info.ts'

/** Pixels of the longer and the shorter side that a picture which is encoded has at most. */
const LONGER_SIDE = 1920
const SHORTER_SIDE = 1080
/** Pictures a second that are kept at most. */
const MAX_RATE = 60
/** Seconds between two places to which a player can jump. */
const KEY_INTERVAL = 2

/** What ffmpeg is to do to make a rendition by a rung of the ladder. */
export function renditionJob(input: string, path: string, rung: Rung): FfmpegJob {
  const { container, picture, sound } = rung
  const tracks = [picture, sound].filter(track => track !== undefined)
  return {
    input,
    // Some containers have no time for each picture.
    inputOptions: picture?.copy ? ['-fflags', '+genpts'] : [],
    largePictures: picture && !picture.copy && isLarge(picture.stream),
    outputs: [
      {
        map: tracks.map(({ stream }) => `0:${stream.index}`),
        videoFilters:
          picture && !picture.copy ? pictureFilters(picture.stream, fit(picture.stream), rung.toneMap) : [],
        audioFilters:
          sound && !sound.copy ? [...mixDown(sound.stream), 'aresample=48000:async=1:first_pts=0'] : [],
        options: [
          ...(picture ? pictureOptions(picture) : []),
          ...(sound ? soundOptions(sound, container) : []),
          // Neither what a telephone notes about places nor chapters, which become a track of text.
          ...['-map_metadata', '-1', '-map_chapters', '-1'],
          ...(container === 'mp4' ? ['-movflags', '+faststart'] : []),
        ],
        format: container,
        path,
      },
    ],
  }
}

function pictureOptions({ stream, copy }: Track): string[] {
  if (copy) return ['-c:v', 'copy']
  const rate = Math.min(stream.frameRate ?? 30, MAX_RATE)
  return [
    // Pictures keep their times: none is doubled to fill a gap, however long a file says that it is.
    ...['-vsync', 'vfr'],
    ...['-c:v', 'libx264', '-preset', 'veryfast', '-crf', '23', '-profile:v', 'high'],
    ...['-maxrate', '10M', '-bufsize', '20M', '-g', String(Math.ceil(rate * KEY_INTERVAL))],
    // Pictures that wait: every one takes memory.
    ...['-x264-params', `sync-lookahead=0${isLarge(stream) ? ':rc-lookahead=2:threads=2' : ''}`],
  ]
}

/** ffmpeg turns the picture by itself, before these. */
export function pictureFilters(
  stream: MediaStream,
  { width, height }: Size,
  toneMap: boolean,
): readonly string[] {
  // Times are rounded to milliseconds in some containers: a little less than the interval will do.
  const tooFast = (stream.frameRate ?? 0) > MAX_RATE + 1
  return [
    ...(stream.interlaced ? ['bwdif=mode=send_frame'] : []),
    ...(tooFast ? [`select='isnan(prev_selected_t)+gte(t-prev_selected_t\\,${0.9 / MAX_RATE})'`] : []),
    `scale=${width}:${height}`,
    ...(toneMap ? TONE_MAP : []),
    'setsar=1',
    'format=yuv420p',
  ]
}

/** From the light that is meant to that of an ordinary display; without it HDR looks washed out. */
const TONE_MAP = [
  'zscale=t=linear:npl=100:p=bt709',
  'format=gbrpf32le',
  'tonemap=tonemap=hable:desat=0',
  'zscale=t=bt709:m=bt709:r=tv',
]

function soundOptions({ copy }: Track, container: 'mp4' | 'webm'): string[] {
  if (copy) return ['-c:a', 'copy']
  const codec = container === 'mp4' ? ['aac', '-b:a', '160k'] : ['libopus', '-b:a', '128k']
  return ['-c:a', ...codec, '-ac', '2', '-ar', '48000']
}

/** Channels that have places around a listener; of more, ffmpeg does not know how to make two. */
const PLACED_CHANNELS = 8

/** Recorders with a microphone for everybody write a channel for each: all are heard. */
export function mixDown({ channels = 1 }: MediaStream): string[] {
  if (channels <= PLACED_CHANNELS) return []
  return [`pan=mono|c0<${Array.from({ length: channels }, (_, channel) => `c${channel}`).join('+')}`]
}

interface Size {
  readonly width: number
  readonly height: number
}

/** The size that a picture gets: within 1080p, lying or upright, its shape kept, in even numbers as YUV 4:2:0 wants. */
export function fit({ width = 2, height = 2 }: Pick<MediaStream, 'width' | 'height'>): Size {
  const factor = Math.min(1, LONGER_SIDE / Math.max(width, height), SHORTER_SIDE / Math.min(width, height))
  return { width: even(width * factor), height: even(height * factor) }
}

function even(length: number): number {
  return Math.max(2, 2 * Math.floor(Math.round(length) / 2))
}
