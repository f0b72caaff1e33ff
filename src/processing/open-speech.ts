import { createRequire } from 'node:module'
import { basename, join } from 'node:path'
import type { Logger } from 'pino'
import type { Config } from '../config.ts'
import type { SpeechService } from './speech-service.ts'

/** What transcribes on this machine. */
export interface Speech {
  readonly engine: 'openai' | 'builtin' | 'off'
  /** Null if transcripts are off. */
  readonly model: string | null
  /** Says so to whoever starts the service. */
  readonly sentence: string
}

/** Bytes that have to be free for the built-in engine if nobody asked for it. */
const NEEDED_BYTES = 2 * 2 ** 30
/** Bytes that the engine may hold after a request: about twice what each model takes. */
const MEMORY_LIMIT_BYTES = 1.5 * 2 ** 30
const IDLE_S = 60

/** Decides, by the settings and the memory of this machine, what transcribes. */
export function speechOf(
  { speechToText, builtinSpeech }: Config,
  freeBytes = process.availableMemory(),
): Speech {
  if (speechToText) {
    const { model, baseUrl } = speechToText
    return { engine: 'openai', model, sentence: `Transcripts: by ${model} at ${baseUrl ?? 'OpenAI'}.` }
  }
  const off = (why: string) => ({ engine: 'off', model: null, sentence: `Transcripts: off${why}` }) as const
  if (!builtinSpeech) return off('.')
  if (builtinSpeech.automatic && freeBytes < NEEDED_BYTES) {
    const free = (freeBytes / 2 ** 30).toFixed(1)
    return off(
      `, because ${free} GiB of memory are free and the built-in engine wants 2. SPEECH_ENGINE=builtin starts it.`,
    )
  }
  const missing = builtinSpeech.automatic && missingLibrary()
  if (missing) return off(`, because ${missing}.`)
  const model = basename(builtinSpeech.model)
  const sentence = `Transcripts: by the built-in engine (Whisper ${model}), which is fetched when it is first needed.`
  return { engine: 'builtin', model: `Whisper ${model} (built-in)`, sentence }
}

/** glibc that the engine's library was built for. */
const NEEDED_GLIBC = 2.32

/** @returns why the engine's library cannot be loaded on this machine, as far as that can be told without loading it. */
function missingLibrary(): string | undefined {
  const platform = process.platform === 'win32' ? 'win' : process.platform
  try {
    createRequire(import.meta.url).resolve(`sherpa-onnx-${platform}-${process.arch}/package.json`)
  } catch {
    return 'the library of the built-in engine (sherpa-onnx-node) is not installed for this system'
  }
  if (process.platform !== 'linux') return undefined
  const report = Object.assign(process.report, { excludeNetwork: true })
  const { header } = report.getReport() as { header: { glibcVersionRuntime?: string } }
  if (Number(header.glibcVersionRuntime ?? 0) >= NEEDED_GLIBC) return undefined
  return `the library of the built-in engine needs glibc ${NEEDED_GLIBC}`
}

/** Opens what transcribes; undefined if transcripts are off. What is not used is not loaded, which would make each start longer. */
export async function openSpeech(
  { engine, model: name }: Speech,
  { speechToText, builtinSpeech, dataDir }: Config,
  log: Logger,
): Promise<(SpeechService & { stop?(): Promise<void> }) | undefined> {
  if (engine === 'openai') {
    const { SpeechToText } = await import('./speech-to-text.ts')
    return new SpeechToText(speechToText!)
  }
  if (engine === 'off') return undefined
  const { BuiltinSpeech } = await import('./speech/builtin-speech.ts')
  const { ModelStore } = await import('./speech/model-store.ts')
  const { model, modelDir: offline, modelUrl: hub } = builtinSpeech!
  const store = new ModelStore({ directory: join(dataDir, 'models'), model, offline, hub })
  return new BuiltinSpeech({ store, name: name!, log, memoryLimit: MEMORY_LIMIT_BYTES, idle: IDLE_S })
}
