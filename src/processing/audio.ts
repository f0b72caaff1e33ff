import { stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { StepError } from '../errors.ts'
import { convert, inspect, type RunOptions, readSilences, type Silence } from './ffmpeg.ts'
import { type MediaStream, soundOf } from './media-info.ts'
import { type Peaks, peaksOf, samplesAPair } from './peaks.ts'
import type { MadeFile, Step } from './step.ts'

/** What is known of an extracted audio track: its length in seconds and where it is silent. */
export interface AudioDetails extends Record<string, unknown> {
  readonly duration: number
  readonly silences: readonly Silence[]
}

/** Of what speech-to-text services are sent, in samples a second; the waveform is measured at the same. */
const SPEECH_RATE = 16_000
/** Below this level, in dB of full scale, audio counts as silence. */
const SILENCE_LEVEL = -50
/** The shortest silence that is noted, in seconds. */
const SILENCE_LENGTH = 0.3

/** Extracts the sound in one pass: as speech-to-text services take it, in good quality for people, and its outline. */
export const audio: Step = {
  patience: 120,
  async run({ video, storage, directory, signal, progress, log }) {
    const total = video.duration ?? Number.POSITIVE_INFINITY
    const options = { signal, onTime: (seconds: number) => progress((100 * seconds) / total) }
    return storage.withFile(video.storage_key, async source => {
      const sound = soundOf(await inspect(source, signal))
      if (!sound) return { skipped: 'no_audio' }
      const extract = (download: Download) =>
        extractSound(source, sound, { directory, download, duration: video.duration ?? 0 }, options)
      const download = downloadOf(sound)
      const made = await extract(download).catch(error => {
        if (!download.copied || !(error instanceof StepError) || error.retryable) throw error
        log.info({ codec: sound.codec, error: error.cause }, 'the sound cannot be taken over as it is')
        return extract(ENCODED)
      })
      return { files: made }
    })
  },
}

/** How the sound that people download is made. */
interface Download {
  readonly copied: boolean
  readonly arguments: readonly string[]
  readonly extension: string
  readonly contentType: string
}

const ENCODED: Download = {
  copied: false,
  arguments: ['-c:a', 'libmp3lame', '-q:a', '2', '-f', 'mp3'],
  extension: '.mp3',
  contentType: 'audio/mpeg',
}
const COPY = ['-c:a', 'copy']

/** What plays on every device is taken over as it is. */
function downloadOf({ codec }: MediaStream): Download {
  const copied = true
  if (codec === 'aac') {
    const output = [...COPY, '-movflags', '+faststart', '-f', 'ipod']
    return { copied, arguments: output, extension: '.m4a', contentType: 'audio/mp4' }
  }
  if (codec === 'mp3') {
    return { copied, arguments: [...COPY, '-f', 'mp3'], extension: '.mp3', contentType: 'audio/mpeg' }
  }
  if (codec === 'opus' || codec === 'vorbis') {
    return { copied, arguments: [...COPY, '-f', 'ogg'], extension: '.ogg', contentType: 'audio/ogg' }
  }
  return ENCODED
}

interface Wanted {
  readonly directory: string
  readonly download: Download
  /** Seconds that the source lasts, as far as it is known. */
  readonly duration: number
}

/** Takes the sound out, in step with the picture: a late start and gaps become silence in what is decoded. */
async function extractSound(
  source: string,
  { index }: MediaStream,
  { directory, download, duration: expected }: Wanted,
  options: RunOptions,
): Promise<MadeFile[]> {
  const speech = join(directory, 'audio.mp3')
  const people = join(directory, `download${download.extension}`)
  const samples = samplesAPair(expected, SPEECH_RATE)
  const graph = [
    `[0:${index}]aresample=${SPEECH_RATE}:async=1:first_pts=0,aformat=channel_layouts=mono:sample_fmts=fltp,asplit=2[one][two]`,
    `[one]silencedetect=noise=${SILENCE_LEVEL}dB:duration=${SILENCE_LENGTH}[speech]`,
    `[two]asetnsamples=n=${samples}:p=0,astats=metadata=1:reset=1:measure_perchannel=Min_level+Max_level:measure_overall=none,ametadata=mode=print[waveform]`,
  ].join(';')
  const bare = ['-map_metadata', '-1', '-map_chapters', '-1', '-sn', '-dn', '-vn']
  const { lines } = await convert(
    source,
    {
      input: [],
      outputs: [
        {
          arguments: [
            ...['-filter_complex', graph, '-map', '[speech]', ...bare],
            ...['-c:a', 'libmp3lame', '-b:a', '48k', '-f', 'mp3'],
          ],
          path: speech,
        },
        { arguments: ['-map', `0:${index}`, ...bare, ...download.arguments], path: people },
        { arguments: ['-map', '[waveform]', '-f', 'null'], path: '-' },
      ],
    },
    options,
  )
  const { duration } = await inspect(speech, options.signal).catch(error => {
    throw error instanceof StepError && error.code === 'unsupported_media' ? nothingDecoded() : error
  })
  if (!duration) throw nothingDecoded()
  const silences = readSilences(lines).map(([start, end]): Silence => [start, Math.min(end, duration)])
  const details: AudioDetails = { duration, silences }
  const peaks = join(directory, 'peaks.json')
  await writeFile(peaks, JSON.stringify(readWaveform(lines, samples)))
  return [
    { kind: 'audio', path: speech, extension: '.mp3', contentType: 'audio/mpeg', details },
    {
      kind: 'audio_download',
      path: people,
      extension: download.extension,
      contentType: download.contentType,
      details: { copied: download.copied, size: (await stat(people)).size },
    },
    { kind: 'peaks', path: peaks, extension: '.json', contentType: 'application/json', details: {} },
  ]
}

/** What the filter `astats` measured of each stretch of samples. */
function readWaveform(lines: readonly string[], samples: number): Peaks {
  const levels: Record<string, number[]> = { Min: [], Max: [] }
  for (const line of lines) {
    const [, name, level] = /lavfi\.astats\.1\.(Min|Max)_level=(-?[\d.]+)/.exec(line) ?? []
    if (name) levels[name]?.push(Number(level))
  }
  return peaksOf(levels['Min']!, levels['Max']!, samples, SPEECH_RATE)
}

function nothingDecoded(): StepError {
  return new StepError('undecodable', 'No sound could be decoded from the file.', { retryable: false })
}
