import type { Logger } from 'pino'
import type { RunOptions } from '../programs/ffmpeg.ts'
import type { MadeFile, Step } from '../step.ts'
import { companionsOf } from './choose-streams.ts'
import {
  type AudioInput,
  type Download,
  downloadOf,
  ENCODED,
  makeDownload,
  type SoundToDownload,
} from './download-audio.ts'
import { examine } from './examine.ts'
import { downloadFile, extractAudio } from './extract-audio.ts'
import { ignoreFileFault, isFileFault } from './file-faults.ts'
import { type MediaInfo, type MediaStream, soundOf } from './media-info.ts'
import { shiftOptions } from './rendition.ts'
import { unsupportedCodec } from './stream-facts.ts'

export type { AudioDetails } from './extract-audio.ts'

/** Limit of downloads, besides that of the main audio stream. */
const MAX_FURTHER_TRACKS = 15

/** Extracts the audio for speech-to-text, a download for people, and the waveform. */
export const audio: Step = {
  stallTimeoutS: 120,
  async run({ video, storage, directory, signal, progress, log }) {
    return storage.withFile(video.storage_key, async path => {
      const { info, timeline } = await examine(path, signal, video.streams)
      const source = { path, inputOptions: shiftOptions(timeline) }
      const unsupported = unsupportedCodec(info, 'audio')
      if (unsupported) throw unsupported
      const sound = soundOf(info)
      if (!sound) return { skipped: 'no_audio' }
      const further = furtherTracks(info, sound)
      const total = (video.duration ?? Number.POSITIVE_INFINITY) * (1 + further.length)
      const optionsFrom = (done: number) => ({
        signal,
        onTime: (seconds: number) => progress((100 * (done * (video.duration ?? 0) + seconds)) / total),
      })
      const companions = companionsOf(sound, info)
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
  /** Whether an edit list cuts off a part, which a copy would still contain. */
  readonly cut: boolean
}

/** Tries again without copying, and then without the other microphones: one of them may be damaged. */
async function extract(
  source: AudioInput,
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
      if (!isFileFault(error)) throw error
      log.info(
        { codec: sound.codec, copied: way.download.copied, error: error.message },
        'extracting the sound failed; another way is tried',
      )
      failure = error
    }
  }
  throw failure
}

function furtherTracks({ streams }: MediaInfo, main: MediaStream): MediaStream[] {
  return streams
    .filter(({ kind, index }) => kind === 'audio' && index !== main.index)
    .slice(0, MAX_FURTHER_TRACKS)
}

/** Leaves out a track that cannot be decoded, because only the main one is required. */
async function extractTrack(
  source: AudioInput,
  track: SoundToDownload,
  directory: string,
  options: RunOptions,
): Promise<MadeFile[]> {
  const made = await makeDownload(source, track, directory, options).catch(ignoreFileFault)
  return made ? [await downloadFile('audio_track', made.path, made.download, String(track.sound.index))] : []
}
