import type { Logger } from 'pino'
import { StepError } from '../errors.ts'
import { asChosen, mixedWith } from './choose-streams.ts'
import { type Download, downloadOf, ENCODED, makeDownload, passOver } from './download-audio.ts'
import { downloadFile, extractAudio } from './extract-audio.ts'
import type { RunOptions } from './ffmpeg.ts'
import { inspect } from './inspect.ts'
import { type MediaInfo, type MediaStream, soundOf } from './media-info.ts'
import type { MadeFile, Step } from './step.ts'
import { unsupportedCodec } from './stream-facts.ts'

export type { AudioDetails } from './extract-audio.ts'

/** Sounds besides the main one that can be downloaded. */
const MAX_FURTHER = 15

/** Extracts the sound in one pass: as speech-to-text services take it, in good quality for people, and its outline. */
export const audio: Step = {
  patience: 120,
  async run({ video, storage, directory, signal, progress, log }) {
    return storage.withFile(video.storage_key, async source => {
      const info = asChosen(await inspect(source, signal), video.streams)
      const unsupported = unsupportedCodec(info, 'audio')
      if (unsupported) throw unsupported
      const sound = soundOf(info)
      if (!sound) return { skipped: 'no_audio' }
      const further = furtherSounds(info, sound)
      const total = (video.duration ?? Number.POSITIVE_INFINITY) * (1 + further.length)
      const optionsFrom = (done: number) => ({
        signal,
        onTime: (seconds: number) => progress((100 * (done * (video.duration ?? 0) + seconds)) / total),
      })
      const companions = mixedWith(sound, info)
      const wanted = { directory, duration: video.duration ?? 0, companions }
      const files = await extract(source, sound, wanted, optionsFrom(0), log)
      if (files.length === 0) return { skipped: 'no_audio' }
      for (const [at, track] of further.entries())
        files.push(...(await extractTrack(source, track, directory, optionsFrom(at + 1))))
      return { files }
    })
  },
}

interface Extracting {
  readonly directory: string
  readonly duration: number
  readonly companions: readonly MediaStream[]
}

/** Falls back where the sound cannot be taken over as it is, or one of the further microphones not decoded. */
async function extract(
  source: string,
  sound: MediaStream,
  wanted: Extracting,
  options: RunOptions,
  log: Logger,
): Promise<MadeFile[]> {
  const download = downloadOf(sound)
  const ways: (Extracting & { download: Download })[] = [{ ...wanted, download }]
  if (download.copied) ways.push({ ...wanted, download: ENCODED })
  if (wanted.companions.length > 0) ways.push({ ...wanted, companions: [], download: ENCODED })
  let failure: unknown
  for (const way of ways) {
    try {
      return await extractAudio(source, sound, way, options)
    } catch (error) {
      if (!(error instanceof StepError) || error.retryable) throw error
      log.info(
        { codec: sound.codec, copied: way.download.copied, error: error.message },
        'the sound is taken another way',
      )
      failure = error
    }
  }
  throw failure
}

function furtherSounds({ streams }: MediaInfo, main: MediaStream): MediaStream[] {
  return streams.filter(({ kind, index }) => kind === 'audio' && index !== main.index).slice(0, MAX_FURTHER)
}

/** A further track that cannot be decoded is left out: the main one is what the step is for. */
async function extractTrack(
  source: string,
  track: MediaStream,
  directory: string,
  options: RunOptions,
): Promise<MadeFile[]> {
  const made = await makeDownload(source, track, directory, options).catch(passOver)
  return made ? [await downloadFile('audio_track', made.path, made.download, String(track.index))] : []
}
