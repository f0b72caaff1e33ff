import { type RunOptions, runFfmpeg } from '../programs/ffmpeg.ts'
import { ignoreFileFault } from './file-faults.ts'
import type { MediaInfo, MediaStream } from './media-info.ts'

/** Audio below this level, relative to full scale, is silence. */
export const SILENCE_LEVEL_DB = -50
/** Most audio streams are audible within this time. Only the others are decoded to the end. */
const FIRST_TRY_S = 60

/** Puts the first audible stream before the others: recorders also write a track for a microphone that was not connected. */
export async function preferAudible(
  path: string,
  info: MediaInfo,
  duration: number | undefined,
  options: RunOptions,
): Promise<MediaInfo> {
  const sounds = info.streams.filter(({ kind }) => kind === 'audio')
  if (sounds.length < 2) return info
  for (const sound of sounds) {
    if (!(await isAudible(path, sound, duration, options))) continue
    return {
      ...info,
      streams: [...info.streams.filter(({ kind }) => kind !== 'audio'), ...withFirst(sound, sounds)],
    }
  }
  return info
}

function withFirst(sound: MediaStream, sounds: readonly MediaStream[]): MediaStream[] {
  return [sound, ...sounds.filter(each => each !== sound)]
}

/** Whether a stream is louder than silence at any time; false if it cannot be decoded. */
async function isAudible(
  path: string,
  { index }: MediaStream,
  duration: number | undefined,
  options: RunOptions,
): Promise<boolean> {
  for (const limit of [['-t', String(FIRST_TRY_S)], []]) {
    if (limit.length === 0 && duration !== undefined && duration <= FIRST_TRY_S) return false
    const output = { map: [`0:${index}`], audioFilters: ['volumedetect'], options: limit, format: 'null' }
    const lines = await runFfmpeg({ input: path, outputs: [output] }, options).then(
      result => result.lines,
      error => {
        ignoreFileFault(error)
        return []
      },
    )
    const loudest = lines.map(line => /max_volume: (-?[\d.]+) dB/.exec(line)?.[1]).findLast(Boolean)
    if (loudest !== undefined && Number(loudest) > SILENCE_LEVEL_DB) return true
  }
  return false
}
