import type { FfmpegJob } from '../programs/ffmpeg.ts'
import { frameLength } from './frame-length.ts'
import { isLarge, type MediaStream } from './media-info.ts'
import { pictureFilters, type Size } from './picture-filters.ts'
import type { Rung, Track } from './playback-plans.ts'
import type { StreamTimes, Timeline } from './timeline.ts'

/** Pixels of the longer and the shorter side that a picture which is encoded has at most. */
const LONGER_SIDE = 1920
const SHORTER_SIDE = 1080
/** Seconds between two places to which a player can jump. */
const KEY_INTERVAL_S = 2

/** Whatever decodes is taken, however little: ffmpeg would give up a file of which two thirds are damaged. */
export const DAMAGE_ALLOWED = ['-max_error_rate', '1']

/** The last picture that comes out of the decoder, if it is shown for longer than one picture. */
export interface Hold {
  /** Seconds. */
  readonly from: number
  readonly until: number
}

/** What ffmpeg is to do to make a rendition by a rung of the ladder. Its times begin where the presentation begins. */
export function renditionJob(
  input: string,
  path: string,
  rung: Rung,
  { timeline, hold }: { timeline: Timeline; hold?: Hold | undefined },
): FfmpegJob {
  const { container, picture, sound } = rung
  const tracks = [picture, sound].filter(track => track !== undefined)
  return {
    input,
    inputOptions: [
      // Some containers have no time for each picture.
      ...(picture?.copy ? ['-fflags', '+genpts'] : []),
      ...shift(timeline),
    ],
    ...(timeline.apart && { seeks: tracks.map(() => undefined) }),
    largePictures: picture && !picture.copy && isLarge(picture.stream),
    outputs: [
      {
        map: tracks.map(({ stream }, input) => `${timeline.apart ? input : 0}:${stream.index}`),
        videoFilters:
          picture && !picture.copy
            ? [
                ...cutStart('trim', timeline.picture),
                ...pictureFilters(picture.stream, fit(picture.stream), { toneMap: rung.toneMap }),
                ...(hold ? holdLast(picture.stream, hold) : []),
              ]
            : [],
        audioFilters: sound && !sound.copy ? soundFilters(sound.stream, timeline.sound) : [],
        options: [
          ...(picture ? pictureOptions(picture) : []),
          ...(sound ? soundOptions(sound, container) : []),
          // Neither what a telephone notes about places nor chapters, which become a track of text.
          ...['-map_metadata', '-1', '-map_chapters', '-1', ...DAMAGE_ALLOWED],
          ...(container === 'mp4' ? ['-movflags', '+faststart'] : []),
        ],
        format: container,
        path,
      },
    ],
  }
}

/** Times from the start of the presentation, which is not where FFmpeg sees the file begin if that cannot be decoded. */
export function shift({ lead }: Timeline): string[] {
  return Math.abs(lead) > 0.0005 ? ['-itsoffset', (-lead).toFixed(6)] : []
}

/** Leaves out what is not presented before a track begins. Decoders make grey pictures of it. */
export function cutStart(filter: 'trim' | 'atrim', times: StreamTimes | undefined): string[] {
  return times?.begun ? [`${filter}=start=${Math.max(0, times.first - 0.001).toFixed(6)}`] : []
}

/** Encoders know no durations: the last picture is shown once more, a picture before its end. */
function holdLast(stream: MediaStream, { from, until }: Hold): string[] {
  const again = until - frameLength(stream)
  return [
    'tpad=stop=1:stop_mode=clone',
    `setpts='if(gt(T\\,${(from + 0.001).toFixed(6)})\\,${again.toFixed(6)}/TB\\,PTS)'`,
  ]
}

function pictureOptions({ stream, copy }: Track): string[] {
  if (copy) return ['-c:v', 'copy']
  const rate = 1 / frameLength(stream)
  return [
    // Pictures keep their times: none is doubled to fill a gap, however long a file says that it is.
    ...['-vsync', 'vfr', '-enc_time_base', '1:90000', '-r', rate.toFixed(3)],
    ...['-c:v', 'libx264', '-preset', 'veryfast', '-crf', '23', '-profile:v', 'high'],
    ...['-maxrate', '10M', '-bufsize', '20M', '-g', String(Math.ceil(rate * KEY_INTERVAL_S))],
    // Pictures that wait: every one takes memory.
    ...['-x264-params', `sync-lookahead=0${isLarge(stream) ? ':rc-lookahead=2:threads=2' : ''}`],
  ]
}

function soundFilters(stream: MediaStream, times: StreamTimes | undefined): string[] {
  return [
    ...cutStart('atrim', times),
    ...mixDown(stream),
    'aresample=48000:async=1:first_pts=0',
    // What cannot be decoded at the end is silence.
    ...(times ? [`apad=whole_dur=${times.end.toFixed(3)}`] : []),
  ]
}

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

/** The size that a picture gets: within 1080p, lying or upright, its shape kept, in even numbers as YUV 4:2:0 wants. */
export function fit({ width = 2, height = 2 }: Pick<MediaStream, 'width' | 'height'>): Size {
  const factor = Math.min(1, LONGER_SIDE / Math.max(width, height), SHORTER_SIDE / Math.min(width, height))
  return { width: even(width * factor), height: even(height * factor) }
}

function even(length: number): number {
  return Math.max(2, 2 * Math.floor(Math.round(length) / 2))
}
