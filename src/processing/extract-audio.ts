import { stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { StepError } from '../errors.ts'
import { type RunOptions, runFfmpeg } from './ffmpeg.ts'
import { inspect } from './inspect.ts'
import type { MediaStream } from './media-info.ts'
import { type Peaks, peaksOf, samplesAPair } from './peaks.ts'
import { mixDown } from './rendition.ts'
import type { MadeFile } from './step.ts'

/** Of what speech-to-text services are sent, in samples a second; the waveform is measured at the same. */
const SPEECH_RATE = 16_000
/** Below this level, in dB of full scale, audio counts as silence. */
const SILENCE_LEVEL = -50
/** The shortest silence that is noted, in seconds. */
const SILENCE_LENGTH = 0.3

/** What is known of an extracted audio track: its length in seconds and where it is silent. */
export interface AudioDetails extends Record<string, unknown> {
  readonly duration: number
  readonly silences: readonly Silence[]
}

/** A stretch of silence, in seconds from the start. */
export type Silence = readonly [start: number, end: number]

/** How the sound that people download is made. */
export interface Download {
  readonly copied: boolean
  readonly codec: readonly string[]
  readonly format: string
  readonly extension: string
  readonly contentType: string
}

export const ENCODED: Download = {
  copied: false,
  codec: ['libmp3lame', '-q:a', '2'],
  format: 'mp3',
  extension: '.mp3',
  contentType: 'audio/mpeg',
}
/** What plays on every device is taken over as it is. */
export function downloadOf({ codec }: MediaStream): Download {
  const copy = { copied: true, codec: ['copy'] } as const
  if (codec === 'aac') {
    const front = ['copy', '-movflags', '+faststart']
    return { ...copy, codec: front, format: 'ipod', extension: '.m4a', contentType: 'audio/mp4' }
  }
  if (codec === 'mp3') return { ...copy, format: 'mp3', extension: '.mp3', contentType: 'audio/mpeg' }
  if (codec === 'opus' || codec === 'vorbis') {
    return { ...copy, format: 'ogg', extension: '.ogg', contentType: 'audio/ogg' }
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
export async function extractAudio(
  source: string,
  sound: MediaStream,
  { directory, download, duration: expected }: Wanted,
  options: RunOptions,
): Promise<MadeFile[]> {
  const speech = join(directory, 'audio.mp3')
  const people = join(directory, `download${download.extension}`)
  const samples = samplesAPair(expected, SPEECH_RATE)
  const stretches = `asetnsamples=n=${samples}:p=0`
  const levels = 'astats=metadata=1:reset=1:measure_perchannel=Min_level+Max_level:measure_overall=none'
  const { index } = sound
  const mix = mixDown(sound)
  const bare = ['-vn', '-map_metadata', '-1', '-map_chapters', '-1']
  const { lines } = await runFfmpeg(
    {
      input: source,
      complexFilters: [
        `[0:${index}]${[...mix, `aresample=${SPEECH_RATE}:async=1:first_pts=0`].join()},aformat=channel_layouts=mono:sample_fmts=fltp,asplit=2[one][two]`,
        `[one]silencedetect=noise=${SILENCE_LEVEL}dB:duration=${SILENCE_LENGTH}[speech]`,
        `[two]${stretches},${levels},ametadata=mode=print[waveform]`,
      ],
      outputs: [
        {
          map: ['[speech]'],
          options: [...bare, '-c:a', 'libmp3lame', '-b:a', '48k'],
          format: 'mp3',
          path: speech,
        },
        {
          map: [`0:${index}`],
          audioFilters: download.copied ? [] : mix,
          options: [...bare, '-c:a', ...download.codec],
          format: download.format,
          path: people,
        },
        { map: ['[waveform]'], format: 'null' },
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
  return peaksOf(levels['Min']!, levels['Max']!, samples, SPEECH_RATE)
}

function nothingDecoded(): StepError {
  return new StepError('undecodable', 'No sound could be decoded from the file.', { retryable: false })
}
