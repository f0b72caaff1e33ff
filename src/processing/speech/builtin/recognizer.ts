import { join } from 'node:path'
import { type PreparedModel, readModel } from '../model/prepared-model.ts'
import type { SherpaResult } from './recognized-words.ts'
import { type LibraryName, loadLibrary } from './sherpa-library.ts'

/** Whisper on this machine. */
export interface Recognizer {
  readonly library: LibraryName
  /** Why the native library does not load; undefined if it does. */
  readonly fault: string | undefined
  /** Whether the model supports a language, by its code. */
  supports(language: string): boolean
  /** @param samples of at most 29.4 s. @param language empty to let the model detect it. */
  recognize(samples: Float32Array, rate: number, language: string): Promise<SherpaResult>
}

/** Codes that the model knows by another code of the same language. */
const SAME_LANGUAGE: Readonly<Record<string, string>> = { jv: 'jw', nb: 'no', iw: 'he', fil: 'tl', in: 'id' }

/** Opens a converted model. @param libraries in the order in which they are tried. @throws Error if the model is damaged or no library loads. */
export async function openRecognizer(
  directory: string,
  libraries?: readonly LibraryName[],
): Promise<Recognizer> {
  const model = await readModel(directory)
  if (!model) throw new Error(`The model in ${directory} is damaged.`)
  const { name, fault, open } = loadLibrary(libraries)
  const isEnglishOnly = model.languages.length === 1
  const codeOf = (language: string) => SAME_LANGUAGE[language] ?? language
  const recognizer = open(configOf(model, ''))
  let current = ''
  return {
    library: name,
    fault,
    supports: language => model.languages.includes(codeOf(language)),
    async recognize(samples, sampleRate, language) {
      const wanted = isEnglishOnly || language === '' ? '' : codeOf(language)
      if (wanted !== current) recognizer.setConfig(configOf(model, wanted))
      current = wanted
      const result = await recognizer.recognize(centered(samples, sampleRate), sampleRate)
      return isEnglishOnly ? { ...result, lang: 'en' } : result
    },
  }
}

/** Whisper's window of 30 s, in frames of 10 ms. */
const WINDOW_FRAMES = 3000
/** Half of the distance between two frames of the spectrum, in seconds. */
const FRAME_OFFSET_S = 0.005

/**
 * Whisper was trained with frames that are centered at multiples of 10 ms (`torch.stft`); sherpa-onnx centers them 5 ms later, which costs
 * words. @returns the samples 5 ms later, after a reflection of their beginning.
 */
function centered(samples: Float32Array, rate: number): Float32Array {
  const added = Math.round(FRAME_OFFSET_S * rate)
  const result = new Float32Array(added + samples.length)
  for (let index = 0; index < added; index++) result[index] = samples[added - index] ?? 0
  result.set(samples, added)
  return result
}

function configOf({ directory }: PreparedModel, language: string): object {
  return {
    featConfig: { sampleRate: 16_000, featureDim: 80 },
    modelConfig: {
      whisper: {
        encoder: join(directory, 'encoder.onnx'),
        decoder: join(directory, 'decoder.onnx'),
        task: 'transcribe',
        language,
        // Always 30 s, as in training: after less, Whisper writes short audio worse.
        tailPaddings: WINDOW_FRAMES,
        // `true` would be ignored.
        enableTokenTimestamps: 1,
        // The times of segments are not read. Without their tokens, which Whisper was trained with, it leaves out sentences.
        enableSegmentTimestamps: 1,
      },
      tokens: join(directory, 'tokens.txt'),
      // A second one costs 1.4 times the processor time for 1.3 times the speed.
      numThreads: 1,
      provider: 'cpu',
      debug: 0,
    },
  }
}
