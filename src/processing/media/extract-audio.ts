import { stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type FfmpegJob, type RunOptions, runFfmpeg } from '../programs/ffmpeg.ts'
import type { MadeFile } from '../step.ts'
import { BlockHasher } from './audio-blocks.ts'
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
import type { MediaStream } from './media-info.ts'
import { type Peaks, peaksOf, samplesAPair } from './peaks.ts'
import { SILENCE_LEVEL_DB } from './prefer-audible.ts'
import { SPEECH_MP3, SPEECH_RATE_HZ, speechMix } from './speech-mix.ts'

/** The shortest silence that is recorded. */
const MIN_SILENCE_S = 0.3

/** The length of the extracted audio in seconds, and where it is silent. */
export interface AudioDetails extends Record<string, unknown> {
  readonly duration: number
  readonly silences: readonly Silence[]
}

/** A stretch of silence, in seconds from the start. */
export type Silence = readonly [start: number, end: number]

interface Wanted {
  readonly directory: string
  readonly download: Download
  /** Seconds of the source, if known. */
  readonly duration: number
  /** Sounds that are transcribed together with the main one. */
  readonly companions: readonly MediaStream[]
}

/**
 * Extracts the sound in step with the picture: a late start and gaps become silence in what is decoded.
 * @returns no file if there is not one sample. @throws StepError as `runFfmpeg`.
 */
export async function extractAudio(
  source: SoundSource,
  sound: MediaStream,
  wanted: Wanted,
  options: RunOptions,
): Promise<MadeFile[]> {
  const { directory, download, duration: expected, companions } = wanted
  const speech = join(directory, 'audio.mp3')
  const people = join(directory, `download${download.extension}`)
  const samples = samplesAPair(expected, SPEECH_RATE_HZ)
  const blocks = new BlockHasher([sound, ...companions])
  const job = extractionJob(source, sound, { ...wanted, speech, people, samples, blocks })
  const { lines } = await runFfmpeg(job, options)
  const duration = countedSeconds(lines)
  if (duration === 0) return []
  const silences = readSilences(lines).map(([start, end]): Silence => [start, Math.min(end, duration)])
  const details: AudioDetails = { duration, silences }
  const peaks = await jsonFile('peaks', directory, readWaveform(lines, samples))
  const audioBlocks = blocks.finish(duration)
  return [
    { kind: 'audio', path: speech, extension: '.mp3', contentType: 'audio/mpeg', details },
    await downloadInStep(source, sound, { directory, download, people, duration }, options),
    peaks,
    ...(audioBlocks ? [await jsonFile('audio_blocks', directory, audioBlocks)] : []),
  ]
}

/** One pass: the audio for speech-to-text, its silences and its outline, the download, and the blocks that are hashed. */
function extractionJob(
  source: SoundSource,
  sound: MediaStream,
  out: Wanted & { speech: string; people: string; samples: number; blocks: BlockHasher },
): FfmpegJob {
  const stretches = `asetnsamples=n=${out.samples}:p=0`
  const levels = 'astats=metadata=1:reset=1:measure_perchannel=Min_level+Max_level:measure_overall=none'
  return {
    input: source.path,
    inputOptions: source.inputOptions,
    complexFilters: [
      ...speechMix([sound, ...out.companions], 'mix'),
      '[mix]asplit=2[one][two]',
      `[one]silencedetect=noise=${SILENCE_LEVEL_DB}dB:duration=${MIN_SILENCE_S},${COUNT_SAMPLES}[speech]`,
      `[two]${stretches},${levels},ametadata=mode=print[waveform]`,
      ...out.blocks.graph,
    ],
    outputs: [
      { map: ['[speech]'], options: [...BARE, ...SPEECH_MP3], format: 'mp3', path: out.speech },
      downloadOutput(sound, out.download, out.people),
      { map: ['[waveform]'], format: 'null' },
      out.blocks.output,
    ],
    onOutput: bytes => out.blocks.add(bytes),
  }
}

/** The download; it is encoded if a copy would not be in step with the picture. */
async function downloadInStep(
  source: SoundSource,
  sound: MediaStream,
  { directory, download, people, duration }: Made,
  options: RunOptions,
): Promise<MadeFile> {
  if (!download.copied || (await isInStep(people, duration, options.signal)))
    return downloadFile('audio_download', people, download)
  const encoded = join(directory, `download${ENCODED.extension}`)
  const outputs = [downloadOutput(sound, ENCODED, encoded)]
  await runFfmpeg({ input: source.path, inputOptions: source.inputOptions, outputs }, options)
  return downloadFile('audio_download', encoded, ENCODED)
}

interface Made extends Pick<Wanted, 'directory' | 'download'> {
  readonly people: string
  /** Seconds of sound. */
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

/** Reads the measurements of the filter `astats` for each stretch of samples. */
function readWaveform(lines: readonly string[], samples: number): Peaks {
  const levels: Record<string, number[]> = { Min: [], Max: [] }
  for (const line of lines) {
    const [, name, level] = /lavfi\.astats\.1\.(Min|Max)_level=(-?[\d.]+)/.exec(line) ?? []
    if (name) levels[name]?.push(Number(level))
  }
  return peaksOf(levels['Min']!, levels['Max']!, samples, SPEECH_RATE_HZ)
}
