import { stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type FfmpegJob, type RunOptions, runFfmpeg } from '../programs/ffmpeg.ts'
import type { MadeFile } from '../step.ts'
import { BlockHasher } from './audio-blocks.ts'
import {
  AUDIO_ONLY,
  type AudioInput,
  COUNT_SAMPLES,
  countedSeconds,
  type Download,
  downloadOutput,
  ENCODED,
  isInSync,
} from './download-audio.ts'
import type { MediaStream } from './media-info.ts'
import { type Peaks, peaksOf, samplesPerPair } from './peaks.ts'
import { SILENCE_LEVEL_DB } from './prefer-audible.ts'
import { SPEECH_MP3, SPEECH_RATE_HZ, speechMix } from './speech-mix.ts'

/** Shorter silences are ignored. */
const MIN_SILENCE_S = 0.3

/** The length of the extracted audio in seconds, and its silences. */
export interface AudioDetails extends Record<string, unknown> {
  readonly duration: number
  readonly silences: readonly Silence[]
}

/** A stretch of silence, in seconds from the start. */
export type Silence = readonly [start: number, end: number]

interface Extraction {
  readonly directory: string
  readonly download: Download
  /** Seconds of the source; 0 if unknown. */
  readonly duration: number
  /** Audio streams that are transcribed together with the main one. */
  readonly companions: readonly MediaStream[]
}

/**
 * Extracts the sound in sync with the picture: a late start and gaps become silence.
 * @returns no file if the stream has no samples. @throws StepError as `runFfmpeg`.
 */
export async function extractAudio(
  source: AudioInput,
  sound: MediaStream,
  wanted: Extraction,
  options: RunOptions,
): Promise<MadeFile[]> {
  const { directory, download, duration: expected, companions } = wanted
  const speechPath = join(directory, 'audio.mp3')
  const downloadPath = join(directory, `download${download.extension}`)
  const samples = samplesPerPair(expected, SPEECH_RATE_HZ)
  const blocks = new BlockHasher([sound, ...companions])
  const job = extractionJob(source, sound, { ...wanted, speechPath, downloadPath, samples, blocks })
  const { lines } = await runFfmpeg(job, options)
  const duration = countedSeconds(lines)
  if (duration === 0) return []
  const silences = readSilences(lines).map(([start, end]): Silence => [start, Math.min(end, duration)])
  const details: AudioDetails = { duration, silences }
  const peaks = await jsonFile('peaks', directory, readWaveform(lines, samples))
  const audioBlocks = blocks.finish(duration)
  return [
    { kind: 'audio', path: speechPath, extension: '.mp3', contentType: 'audio/mpeg', details },
    await downloadInSync(source, sound, { directory, download, path: downloadPath, duration }, options),
    peaks,
    ...(audioBlocks ? [await jsonFile('audio_blocks', directory, audioBlocks)] : []),
  ]
}

/** One pass for the audio for speech-to-text, its silences and waveform, the download, and the blocks to hash. */
function extractionJob(
  source: AudioInput,
  sound: MediaStream,
  out: Extraction & { speechPath: string; downloadPath: string; samples: number; blocks: BlockHasher },
): FfmpegJob {
  const groups = `asetnsamples=n=${out.samples}:p=0`
  const levels = 'astats=metadata=1:reset=1:measure_perchannel=Min_level+Max_level:measure_overall=none'
  return {
    input: source.path,
    inputOptions: source.inputOptions,
    complexFilters: [
      ...speechMix([sound, ...out.companions], 'mix'),
      '[mix]asplit=2[one][two]',
      `[one]silencedetect=noise=${SILENCE_LEVEL_DB}dB:duration=${MIN_SILENCE_S},${COUNT_SAMPLES}[speech]`,
      `[two]${groups},${levels},ametadata=mode=print[waveform]`,
      ...out.blocks.graph,
    ],
    outputs: [
      { map: ['[speech]'], options: [...AUDIO_ONLY, ...SPEECH_MP3], format: 'mp3', path: out.speechPath },
      downloadOutput(sound, out.download, out.downloadPath),
      { map: ['[waveform]'], format: 'null' },
      out.blocks.output,
    ],
    onOutput: bytes => out.blocks.add(bytes),
  }
}

/** The download, encoded if the copy is not in sync with the picture. */
async function downloadInSync(
  source: AudioInput,
  sound: MediaStream,
  { directory, download, path, duration }: MadeDownload,
  options: RunOptions,
): Promise<MadeFile> {
  if (!download.copied || (await isInSync(path, duration, options.signal)))
    return downloadFile('audio_download', path, download)
  const encoded = join(directory, `download${ENCODED.extension}`)
  const outputs = [downloadOutput(sound, ENCODED, encoded)]
  await runFfmpeg({ input: source.path, inputOptions: source.inputOptions, outputs }, options)
  return downloadFile('audio_download', encoded, ENCODED)
}

interface MadeDownload extends Pick<Extraction, 'directory' | 'download'> {
  readonly path: string
  /** Seconds of audio in the source. */
  readonly duration: number
}

async function jsonFile(
  kind: 'peaks' | 'audio_blocks',
  directory: string,
  content: object,
): Promise<MadeFile> {
  const path = join(directory, `${kind}.json`)
  await writeFile(path, JSON.stringify(content))
  return { kind, path, extension: '.json', contentType: 'application/json', details: {} }
}

/** @param variant distinguishes several downloads of one kind. */
export async function downloadFile(
  kind: 'audio_download' | 'audio_track',
  path: string,
  { extension, contentType, copied }: Download,
  variant = '',
): Promise<MadeFile> {
  const details = { copied, size: (await stat(path)).size }
  return { kind, variant, path, extension, contentType, details }
}

/** Reads the messages of the filter `silencedetect`. */
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

/** Reads the messages of the filter `astats`, one for each group of samples. */
function readWaveform(lines: readonly string[], samples: number): Peaks {
  const levels: Record<string, number[]> = { Min: [], Max: [] }
  for (const line of lines) {
    const [, name, level] = /lavfi\.astats\.1\.(Min|Max)_level=(-?[\d.]+)/.exec(line) ?? []
    if (name) levels[name]?.push(Number(level))
  }
  return peaksOf(levels['Min']!, levels['Max']!, samples, SPEECH_RATE_HZ)
}
