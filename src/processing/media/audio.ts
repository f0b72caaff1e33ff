import type { Logger } from 'pino'
import { StepError } from '../../base/errors.ts'
import type { RunOptions } from '../programs/ffmpeg.ts'
import type { MadeFile, Step } from '../step.ts'
import { mixedWith } from './choose-streams.ts'
import {
  type Download,
  type Downloaded,
  downloadOf,
  ENCODED,
  makeDownload,
  passOver,
  type SoundSource,
} from './download-audio.ts'
import { downloadFile, extractAudio } from './extract-audio.ts'
import { type MediaInfo, type MediaStream, soundOf } from './media-info.ts'
import { shift } from './rendition.ts'
import { unsupportedCodec } from './stream-facts.ts'
import { examine } from './timeline.ts'

export type { AudioDetails } from './extract-audio.ts'

/** Downloads of sounds besides the main one, at most. */
const MAX_FURTHER_TRACKS = 15

/** Extracts the sound in one pass: for speech-to-text, as a download for people, and its outline. */
export const audio: Step = {
  stallTimeoutS: 120,
  async run({ video, storage, directory, signal, progress, log }) {
    return storage.withFile(video.storage_key, async path => {
      const { info, timeline } = await examine(path, signal, video.streams)
      const source = { path, inputOptions: shift(timeline) }
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
      const cut = timeline.sound?.edited ?? false
      const wanted = { directory, duration: video.duration ?? 0, companions, cut }
      const files = await extract(source, sound, wanted, optionsFrom(0), log)
      if (files.length === 0) return { skipped: 'no_audio' }
      for (const [at, track] of further.entries())
        files.push(
          ...(await extractTrack(
            source,
            { sound: track, cut: timeline.edited.includes(track.index) },
            directory,
            optionsFrom(at + 1),
          )),
        )
      return { files }
    })
  },
}

interface Extracting {
  readonly directory: string
  readonly duration: number
  readonly companions: readonly MediaStream[]
  /** Whether an edit list cuts off a part, which a copy would contain. */
  readonly cut: boolean
}

/** Tries other ways if the sound cannot be copied, or if one of the further microphones cannot be decoded. */
async function extract(
  source: SoundSource,
  sound: MediaStream,
  wanted: Extracting,
  options: RunOptions,
  log: Logger,
): Promise<MadeFile[]> {
  const download = wanted.cut ? ENCODED : downloadOf(sound)
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
        'the sound is extracted in another way',
      )
      failure = error
    }
  }
  throw failure
}

function furtherSounds({ streams }: MediaInfo, main: MediaStream): MediaStream[] {
  return streams
    .filter(({ kind, index }) => kind === 'audio' && index !== main.index)
    .slice(0, MAX_FURTHER_TRACKS)
}

/** A further track that cannot be decoded is left out; only the main one fails the step. */
async function extractTrack(
  source: SoundSource,
  track: Downloaded,
  directory: string,
  options: RunOptions,
): Promise<MadeFile[]> {
  const made = await makeDownload(source, track, directory, options).catch(passOver)
  return made ? [await downloadFile('audio_track', made.path, made.download, String(track.sound.index))] : []
}
