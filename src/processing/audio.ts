import { join } from 'node:path'
import { StepError } from '../errors.ts'
import { extractAudio, type Silence } from './extract-audio.ts'
import { inspect } from './inspect.ts'
import type { Step } from './step.ts'

/** What is known of an extracted audio track: its length in seconds and where it is silent. */
export interface AudioDetails extends Record<string, unknown> {
  readonly duration: number
  readonly silences: readonly Silence[]
}

/** Extracts the audio in the form that speech-to-text services take. */
export const audio: Step = {
  patience: 120,
  async run({ video, storage, directory, signal, progress }) {
    const path = join(directory, 'audio.mp3')
    const total = video.duration ?? Number.POSITIVE_INFINITY
    const found = await storage.withFile(video.storage_key, source =>
      extractAudio(source, path, { signal, onTime: seconds => progress((100 * seconds) / total) }),
    )
    const { duration } = await inspect(path, signal).catch(error => {
      throw error instanceof StepError && error.code === 'unsupported_media' ? nothingDecoded() : error
    })
    if (!duration) throw nothingDecoded()
    const silences = found.map(([start, end]): Silence => [start, Math.min(end, duration)])
    const details: AudioDetails = { duration, silences }
    return { file: { kind: 'audio', path, extension: '.mp3', contentType: 'audio/mpeg', details } }
  },
}

function nothingDecoded(): StepError {
  return new StepError('undecodable', 'No sound could be decoded from the file.', { retryable: false })
}
