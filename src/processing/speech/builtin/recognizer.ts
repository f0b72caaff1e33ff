import { createRequire } from 'node:module'
import { join } from 'node:path'
import { readModel } from '../model/prepared-model.ts'
import type { SherpaResult } from './recognized-words.ts'

/** Whisper on this machine. */
export interface Recognizer {
  /** `native` or `wasm`. */
  readonly engine: string
  /** Whether the model was taught a language, by its code. */
  knows(language: string): boolean
  /** @param samples of at most 30 s. @param language empty to let the model find out. */
  recognize(samples: Float32Array, rate: number, language: string): Promise<SherpaResult>
}

/** Codes of the same language, which the model has under the second. */
const SAME_LANGUAGE: Readonly<Record<string, string>> = { jv: 'jw', nb: 'no', iw: 'he', fil: 'tl', in: 'id' }

interface SherpaStream {
  acceptWaveform(sound: { samples: Float32Array; sampleRate: number }): void
}

interface SherpaRecognizer {
  createStream(): SherpaStream
  setConfig(config: object): void
  decodeAsync(stream: SherpaStream): Promise<SherpaResult>
}

/** Opens a converted model. @throws Error if it is not whole, or the library does not load. */
export async function openRecognizer(directory: string): Promise<Recognizer> {
  const model = await readModel(directory)
  if (!model) throw new Error(`The model in ${directory} is damaged.`)
  const { OfflineRecognizer } = createRequire(import.meta.url)('sherpa-onnx-node') as {
    OfflineRecognizer: new (config: object) => SherpaRecognizer
  }
  const config = (language: string) => ({
    featConfig: { sampleRate: 16_000, featureDim: 80 },
    modelConfig: {
      whisper: {
        encoder: join(directory, 'encoder.onnx'),
        decoder: join(directory, 'decoder.onnx'),
        task: 'transcribe',
        language,
        // `true` would be ignored.
        enableTokenTimestamps: 1,
      },
      tokens: join(directory, 'tokens.txt'),
      // A second one costs 1.4 times the processor time for 1.3 times the speed.
      numThreads: 1,
      provider: 'cpu',
      debug: 0,
    },
  })
  const recognizer = new OfflineRecognizer(config(''))
  const isEnglishOnly = model.languages.length === 1
  const codeOf = (language: string) => SAME_LANGUAGE[language] ?? language
  let current = ''
  return {
    engine: 'native',
    knows: language => model.languages.includes(codeOf(language)),
    async recognize(samples, sampleRate, language) {
      const wanted = isEnglishOnly || language === '' ? '' : codeOf(language)
      if (wanted !== current) recognizer.setConfig(config(wanted))
      current = wanted
      const stream = recognizer.createStream()
      stream.acceptWaveform({ samples, sampleRate })
      const result = await recognizer.decodeAsync(stream)
      return isEnglishOnly ? { ...result, lang: 'en' } : result
    },
  }
}
