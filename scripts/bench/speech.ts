// The built-in speech engine on real speech: word errors, word times, processor time and memory, against faster-whisper (Python) with the
// same weights and its default options if it is installed; then uploads beside transcription.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readAloud, TWO_CITIES } from '../../test/support/real-speech.ts'
import { alignWords, wordErrors } from '../../test/support/word-errors.ts'
import { type BesideOptions, benchBesideTranscription } from './beside-transcription.ts'
import { describeMachine } from './machine.ts'
import { runBuiltin, runPython, type SpeechRun, withBuiltin } from './speech-engines.ts'
import { fetchPrompts, PROMPT_LANGUAGES } from './spoken-prompts.ts'

const MODELS = ['tiny.en', 'base']
/** The default, with which languages are measured, and beside which uploads are measured. */
const MODEL = 'base'
/** Pauses of the recording: chunks as the service would cut them. */
const CUTS_S = [0, 21.1, 44.4]
const TIMEOUT_MS = 600_000

/** Parts of the benchmark: the models, one language, or uploads beside transcription. */
export const SPEECH_PARTS = ['models', ...PROMPT_LANGUAGES, 'uploads'] as const
export type SpeechPart = (typeof SPEECH_PARTS)[number]

const HEADER = [
  '| speech | words | seconds | word errors | word times, median and 90 % | CPU per second of speech | peak memory |',
  '| --- | --- | --- | --- | --- | --- | --- |',
]

interface Spoken {
  readonly paths: readonly string[]
  /** The words of each file. */
  readonly texts: readonly string[]
  readonly seconds: number
}

/**
 * Prints tables in Markdown.
 * @param python a Python interpreter. @param parts in the order of `SPEECH_PARTS`. @param beside how uploads beside it are measured.
 */
export async function benchSpeech(
  python: string,
  parts: readonly SpeechPart[],
  beside: BesideOptions,
): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'longtake-bench-speech-'))
  try {
    console.log(`${describeMachine()}, one thread; faster-whisper in parentheses.\n`)
    const chunks = await cutReading(directory)
    if (parts.some(part => part !== 'uploads')) console.log(HEADER.join('\n'))
    for (const part of parts) {
      if (part === 'uploads') await benchUploads(chunks.paths[0]!, beside)
      else if (part === 'models')
        for (const model of MODELS) await compare(`${model}, reading`, model, 'en', chunks, python, directory)
      else await benchLanguage(part, python, directory)
    }
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

async function cutReading(directory: string): Promise<Spoken> {
  const recording = await readAloud()
  const paths = CUTS_S.slice(1).map((to, index) => {
    const path = join(directory, `reading-${index}.wav`)
    const cut = ['-ss', String(CUTS_S[index]), '-to', String(to), '-i', recording]
    execFileSync('ffmpeg', ['-v', 'error', '-y', ...cut, '-ac', '1', '-ar', '16000', path])
    return path
  })
  return { paths, texts: [TWO_CITIES], seconds: CUTS_S.at(-1)! }
}

/** Announcements are clearer than most speech, so these are the fewest errors to expect. */
async function benchLanguage(language: SpeechPart, python: string, directory: string): Promise<void> {
  const chunks = fetchPrompts(language, directory)
  if (!chunks) return console.log('There is no apt-get here to fetch the recordings with.')
  const spoken = {
    paths: chunks.map(({ path }) => path),
    texts: chunks.map(({ text }) => text),
    seconds: chunks.reduce((sum, chunk) => sum + chunk.seconds, 0),
  }
  await compare(`${MODEL}, ${language}`, MODEL, language, spoken, python, directory)
}

/** Prints a line of the table. */
async function compare(
  name: string,
  model: string,
  language: string,
  { paths, texts, seconds }: Spoken,
  python: string,
  directory: string,
): Promise<void> {
  const own = await withBuiltin(model, paths[0]!, speech => runBuiltin(speech, language, paths))
  const other = await runPython(python, model, directory, language, paths)
  const text = texts.join(' ')
  const both = (show: (one: SpeechRun) => string) => (other ? `${show(own)} (${show(other)})` : show(own))
  const distances = other && distancesMs(own, other)
  const cells = [
    name,
    text.split(' ').length,
    Math.round(seconds),
    both(({ files }) => `${(100 * wordErrors(files.flat(), text)).toFixed(1)} %`),
    distances ? `${quantile(distances, 0.5)} ms, ${quantile(distances, 0.9)} ms` : 'nothing to compare with',
    both(({ cpuS }) => `${(cpuS / seconds).toFixed(3)} s`),
    both(({ peakMb }) => `${Math.round(peakMb)} MB`),
  ]
  console.log(`| ${cells.join(' | ')} |`)
}

async function benchUploads(path: string, beside: BesideOptions): Promise<void> {
  await withBuiltin(MODEL, path, speech =>
    benchBesideTranscription(async isOver => {
      const signal = AbortSignal.timeout(TIMEOUT_MS)
      while (!isOver()) await speech.transcribe(path, 'en', { signal })
    }, beside),
  )
}

/** The distances of the starts of the words that both have in a file, sorted. */
function distancesMs(one: SpeechRun, other: SpeechRun): number[] {
  const pairs = one.files.flatMap((words, index) => alignWords(words, other.files[index]!))
  return pairs.map(([a, b]) => Math.round(1000 * Math.abs(a.start - b.start))).toSorted((a, b) => a - b)
}

function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!
}
