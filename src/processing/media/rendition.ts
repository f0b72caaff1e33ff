import type { FfmpegJob } from '../programs/ffmpeg.ts'
import { frameLength } from './frame-length.ts'
import { isLarge, type MediaStream } from './media-info.ts'
import { mixDown } from './mix-down.ts'
import { pictureFilters, type Size } from './picture-filters.ts'
import type { Plan, Track } from './playback-plans.ts'
import type { StreamTimes, Timeline } from './timeline.ts'

/** The largest size of encoded pictures. */
const LONGER_SIDE_PX = 1920
const SHORTER_SIDE_PX = 1080
/** Time between two key frames. Players can seek only to key frames. */
const KEY_INTERVAL_S = 2

/** By default, ffmpeg fails if two thirds of a file are damaged. We use whatever it can decode. */
export const DAMAGE_ALLOWED = ['-max_error_rate', '1']

/** How long to show the last decoded frame, in seconds from the start. */
export interface Hold {
  readonly from: number
  readonly until: number
}

/** ffmpeg's job for the rendition of a plan. Times count from the start of the presentation. */
export function renditionJob(
  input: string,
  path: string,
  plan: Plan,
  { timeline, hold }: { timeline: Timeline; hold?: Hold | undefined },
): FfmpegJob {
  const { container, picture, sound } = plan
  const tracks = [picture, sound].filter(track => track !== undefined)
  return {
    input,
    inputOptions: [
      // Some containers do not store a time for each picture.
      ...(picture?.copy ? ['-fflags', '+genpts'] : []),
      ...shiftOptions(timeline),
    ],
    ...(timeline.needsSeparateReading && { seeks: tracks.map(() => undefined) }),
    largePictures: picture && !picture.copy && isLarge(picture.stream),
    outputs: [
      {
        map: tracks.map(
          ({ stream }, input) => `${timeline.needsSeparateReading ? input : 0}:${stream.index}`,
        ),
        videoFilters:
          picture && !picture.copy
            ? [
                ...cutStart('trim', timeline.picture),
                ...pictureFilters(picture.stream, fit(picture.stream), { toneMap: plan.toneMap }),
                ...(hold ? holdLast(picture.stream, hold) : []),
              ]
            : [],
        audioFilters: sound && !sound.copy ? soundFilters(sound.stream, timeline.sound) : [],
        options: [
          ...(picture ? pictureOptions(picture) : []),
          ...(sound ? soundOptions(sound, container) : []),
          // Metadata may contain the place of the recording. Chapters would become a text track.
          ...['-map_metadata', '-1', '-map_chapters', '-1', ...DAMAGE_ALLOWED],
          ...(container === 'mp4' ? ['-movflags', '+faststart'] : []),
        ],
        format: container,
        path,
      },
    ],
  }
}

/** Makes times count from the start of the presentation. For FFmpeg, a file may start earlier, with frames that cannot be decoded. */
export function shiftOptions({ lead }: Timeline): string[] {
  return Math.abs(lead) > 0.0005 ? ['-itsoffset', (-lead).toFixed(6)] : []
}

/** Removes the frames before the presentation of a track: decoders make them grey. */
export function cutStart(filter: 'trim' | 'atrim', times: StreamTimes | undefined): string[] {
  return times?.hasHiddenStart ? [`${filter}=start=${Math.max(0, times.first - 0.001).toFixed(6)}`] : []
}

/** Encoders store no duration for a frame, so the last frame is repeated shortly before it should end. */
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
    // Frames keep their times. None is repeated to fill a gap, however long the gap is.
    ...['-vsync', 'vfr', '-enc_time_base', '1:90000', '-r', rate.toFixed(3)],
    ...['-c:v', 'libx264', '-preset', 'veryfast', '-crf', '23', '-profile:v', 'high'],
    ...['-maxrate', '10M', '-bufsize', '20M', '-g', String(Math.ceil(rate * KEY_INTERVAL_S))],
    // Each frame in the lookahead takes memory.
    ...['-x264-params', `sync-lookahead=0${isLarge(stream) ? ':rc-lookahead=2:threads=2' : ''}`],
  ]
}

function soundFilters(stream: MediaStream, times: StreamTimes | undefined): string[] {
  return [
    ...cutStart('atrim', times),
    ...mixDown(stream),
    'aresample=48000:async=1:first_pts=0',
    // If the end cannot be decoded, it becomes silence.
    ...(times ? [`apad=whole_dur=${times.end.toFixed(3)}`] : []),
  ]
}

function soundOptions({ copy }: Track, container: 'mp4' | 'webm'): string[] {
  if (copy) return ['-c:a', 'copy']
  const codec = container === 'mp4' ? ['aac', '-b:a', '160k'] : ['libopus', '-b:a', '128k']
  return ['-c:a', ...codec, '-ac', '2', '-ar', '48000']
}

/** The size of an encoded picture: within 1080p in either orientation, with its aspect ratio, in even numbers for YUV 4:2:0. */
export function fit({ width = 2, height = 2 }: Pick<MediaStream, 'width' | 'height'>): Size {
  const factor = Math.min(
    1,
    LONGER_SIDE_PX / Math.max(width, height),
    SHORTER_SIDE_PX / Math.min(width, height),
  )
  return { width: even(width * factor), height: even(height * factor) }
}

function even(length: number): number {
  return Math.max(2, 2 * Math.floor(Math.round(length) / 2))
}
