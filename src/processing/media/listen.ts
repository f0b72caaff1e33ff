import { StepError } from '../../base/errors.ts'
import { type RunOptions, runFfmpeg } from '../programs/ffmpeg.ts'
import type { MediaInfo, MediaStream } from './media-info.ts'

/** Below this level, in dB of full scale, audio counts as silence. */
export const SILENCE_LEVEL_DB = -50
/** Most sounds are heard within this time; only one that is not is decoded to its end. */
const FIRST_LOOK_S = 60

/** Puts the first sound that can be heard before the others: recorders write a track for a microphone that was not connected. */
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
      streams: [...info.streams.filter(({ kind }) => kind !== 'audio'), ...first(sound, sounds)],
    }
  }
  return info
}

function first(sound: MediaStream, sounds: readonly MediaStream[]): MediaStream[] {
  return [sound, ...sounds.filter(each => each !== sound)]
}

/** Whether a sound has anything above the level of silence; false if it cannot be decoded. */
async function isAudible(
  path: string,
  { index }: MediaStream,
  duration: number | undefined,
  options: RunOptions,
): Promise<boolean> {
  for (const limit of [['-t', String(FIRST_LOOK_S)], []]) {
    if (limit.length === 0 && duration !== undefined && duration <= FIRST_LOOK_S) return false
    const output = { map: [`0:${index}`], audioFilters: ['volumedetect'], options: limit, format: 'null' }
    const lines = await runFfmpeg({ input: path, outputs: [output] }, options).then(
      result => result.lines,
      error => {
        if (!(error instanceof StepError) || error.retryable) throw error
        return []
      },
    )
    const loudest = lines.map(line => /max_volume: (-?[\d.]+) dB/.exec(line)?.[1]).findLast(Boolean)
    if (loudest !== undefined && Number(loudest) > SILENCE_LEVEL_DB) return true
  }
  return false
}
