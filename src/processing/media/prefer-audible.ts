import { StepError } from '../../base/errors.ts'
import { type RunOptions, runFfmpeg } from '../programs/ffmpeg.ts'
import type { MediaInfo, MediaStream } from './media-info.ts'

/** Audio below this level, relative to full scale, is silence. */
export const SILENCE_LEVEL_DB = -50
/** Most sounds are audible within this time; only the others are decoded to the end. */
const FIRST_TRY_S = 60

/** Puts the first audible sound before the others: recorders also write a track for a microphone that was not connected. */
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

/** Whether a sound is anywhere louder than silence; false if it cannot be decoded. */
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
        if (!(error instanceof StepError) || error.retryable) throw error
        return []
      },
    )
    const loudest = lines.map(line => /max_volume: (-?[\d.]+) dB/.exec(line)?.[1]).findLast(Boolean)
    if (loudest !== undefined && Number(loudest) > SILENCE_LEVEL_DB) return true
  }
  return false
}
