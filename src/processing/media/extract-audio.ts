import { stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type RunOptions, runFfmpeg } from '../programs/ffmpeg.ts'
import type { MadeFile } from '../step.ts'
import {
  BARE,
  COUNT_SAMPLES,
  countedSeconds,
  type Download,
  downloadOutput,
  ENCODED,
  isInStep,
  type SoundSource,
} from './download-audio.ts'
import { SILENCE_LEVEL_DB } from './listen.ts'
import type { MediaStream } from './media-info.ts'
import { type Peaks, peaksOf, samplesAPair } from './peaks.ts'
import { SPEECH_MP3, SPEECH_RATE_HZ, speechMix } from './speech-mix.ts'

/** The shortest silence that is noted, in seconds. */
const SILENCE_LENGTH = 0.3

/** What is known of an extracted audio track: its length in seconds and where it is silent. */
export interface AudioDetails extends Record<string, unknown> {
  readonly duration: number
  readonly silences: readonly Silence[]
}

/** A stretch of silence, in seconds from the start. */
export type Silence = readonly [start: number, end: number]

interface Wanted {
  readonly directory: string
  readonly download: Download
  /** Seconds that the source lasts, as far as it is known. */
  readonly duration: number
  /** Sounds that are transcribed together with the main one. */
  readonly companions: readonly MediaStream[]
}

/**
 * Takes the sound out, in step with the picture: a late start and gaps become silence in what is decoded.
 * @returns no file if there is not one sample in it. @throws StepError as `runFfmpeg`.
 */
export async function extractAudio(
  source: SoundSource,
  sound: MediaStream,
  { directory, download, duration: expected, companions }: Wanted,
  options: RunOptions,
): Promise<MadeFile[]> {
  const speech = join(directory, 'audio.mp3')
  const people = join(directory, `download${download.extension}`)
  const samples = samplesAPair(expected, SPEECH_RATE_HZ)
  const stretches = `asetnsamples=n=${samples}:p=0`
  const levels = 'astats=metadata=1:reset=1:measure_perchannel=Min_level+Max_level:measure_overall=none'
  const { lines } = await runFfmpeg(
    {
      input: source.path,
      inputOptions: source.inputOptions,
      complexFilters: [
        ...speechMix([sound, ...companions], 'mix'),
        '[mix]asplit=2[one][two]',
        `[one]silencedetect=noise=${SILENCE_LEVEL_DB}dB:duration=${SILENCE_LENGTH},${COUNT_SAMPLES}[speech]`,
        `[two]${stretches},${levels},ametadata=mode=print[waveform]`,
      ],
      outputs: [
        {
          map: ['[speech]'],
          options: [...BARE, ...SPEECH_MP3],
          format: 'mp3',
          path: speech,
        },
        downloadOutput(sound, download, people),
        { map: ['[waveform]'], format: 'null' },
      ],
    },
    options,
  )
  const duration = countedSeconds(lines)
  if (duration === 0) return []
  const downloadInStep = async () => {
    if (!download.copied || (await isInStep(people, duration, options.signal)))
      return downloadFile('audio_download', people, download)
    const encoded = join(directory, `download${ENCODED.extension}`)
    const outputs = [downloadOutput(sound, ENCODED, encoded)]
    await runFfmpeg({ input: source.path, inputOptions: source.inputOptions, outputs }, options)
    return downloadFile('audio_download', encoded, ENCODED)
  }
  const silences = readSilences(lines).map(([start, end]): Silence => [start, Math.min(end, duration)])
  const details: AudioDetails = { duration, silences }
  const peaks = join(directory, 'peaks.json')
  await writeFile(peaks, JSON.stringify(readWaveform(lines, samples)))
  return [
    { kind: 'audio', path: speech, extension: '.mp3', contentType: 'audio/mpeg', details },
    await downloadInStep(),
    { kind: 'peaks', path: peaks, extension: '.json', contentType: 'application/json', details: {} },
  ]
}

/** A download, as a file that becomes an artifact. @param variant tells those of one kind apart. */
export async function downloadFile(
  kind: 'audio_download' | 'audio_track',
  path: string,
  { extension, contentType, copied }: Download,
  variant = '',
): Promise<MadeFile> {
  const details = { copied, size: (await stat(path)).size }
  return { kind, variant, path, extension, contentType, details }
}

/** What the filter `silencedetect` said. */
function readSilences(lines: readonly string[]): Silence[] {
  const silences: [number, number][] = []
  for (const line of lines) {
    const start = /silence_start: (-?[\d.]+)/.exec(line)
    const end = /silence_end: (-?[\d.]+)/.exec(line)
    if (start) silences.push([Math.max(0, Number(start[1])), Number.POSITIVE_INFINITY])
    const last = silences.at(-1)
    if (end && last) last[1] = Number(end[1])
  }
  return silences
}

/** What the filter `astats` measured of each stretch of samples. */
function readWaveform(lines: readonly string[], samples: number): Peaks {
  const levels: Record<string, number[]> = { Min: [], Max: [] }
  for (const line of lines) {
    const [, name, level] = /lavfi\.astats\.1\.(Min|Max)_level=(-?[\d.]+)/.exec(line) ?? []
    if (name) levels[name]?.push(Number(level))
  }
  return peaksOf(levels['Min']!, levels['Max']!, samples, SPEECH_RATE_HZ)
}
