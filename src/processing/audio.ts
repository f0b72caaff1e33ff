import { StepError } from '../errors.ts'
import { asChosen } from './choose-streams.ts'
import { type Download, downloadOf, ENCODED, extractAudio } from './extract-audio.ts'
import { inspect } from './inspect.ts'
import { soundOf } from './media-info.ts'
import type { Step } from './step.ts'
import { unsupportedCodec } from './stream-facts.ts'

export type { AudioDetails } from './extract-audio.ts'

/** Extracts the sound in one pass: as speech-to-text services take it, in good quality for people, and its outline. */
export const audio: Step = {
  patience: 120,
  async run({ video, storage, directory, signal, progress, log }) {
    const total = video.duration ?? Number.POSITIVE_INFINITY
    const options = { signal, onTime: (seconds: number) => progress((100 * seconds) / total) }
    return storage.withFile(video.storage_key, async source => {
      const info = asChosen(await inspect(source, signal), video.streams)
      const unsupported = unsupportedCodec(info, 'audio')
      if (unsupported) throw unsupported
      const sound = soundOf(info)
      if (!sound) return { skipped: 'no_audio' }
      const extract = (download: Download) =>
        extractAudio(source, sound, { directory, download, duration: video.duration ?? 0 }, options)
      const download = downloadOf(sound)
      const files = await extract(download).catch(error => {
        if (!download.copied || !(error instanceof StepError) || error.retryable) throw error
        log.info({ codec: sound.codec, error: error.cause }, 'the sound cannot be taken over as it is')
        return extract(ENCODED)
      })
      return { files }
    })
  },
}
