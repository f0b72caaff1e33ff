import { basename, isAbsolute } from 'node:path'
import type { BuiltinSpeechConfig, Config } from '../../config/config.ts'

/** The engine that makes transcripts. */
export interface EngineChoice {
  readonly kind: 'openai' | 'builtin' | 'off'
  /** Null if transcripts are off. */
  readonly model: string | null
  /** For the person who starts the service. */
  readonly sentence: string
}

/** Free memory that the built-in engine needs if no setting asks for it. */
const NEEDED_BYTES = 2 * 2 ** 30

/** Chooses the engine by the settings and by the free memory of this machine. */
export function chooseEngine(
  { speechToText, builtinSpeech }: Pick<Config, 'speechToText' | 'builtinSpeech'>,
  freeBytes = process.availableMemory(),
): EngineChoice {
  if (speechToText) {
    const { model, baseUrl } = speechToText
    return { kind: 'openai', model, sentence: `Transcripts: on, by ${model} at ${baseUrl ?? 'OpenAI'}.` }
  }
  if (!builtinSpeech) return off(', because SPEECH_ENGINE=off. SPEECH_ENGINE=builtin turns them on.')
  if (builtinSpeech.isAutomatic && freeBytes < NEEDED_BYTES) {
    // Rounded down: 2.0 would be enough.
    const freeGib = (Math.floor((10 * freeBytes) / 2 ** 30) / 10).toFixed(1)
    return off(
      `, because only ${freeGib} GiB of memory are free and the built-in engine needs 2. SPEECH_ENGINE=builtin turns them on anyway.`,
    )
  }
  const model = basename(builtinSpeech.model)
  return {
    kind: 'builtin',
    model: `Whisper ${model} (built-in)`,
    sentence: `Transcripts: on, by the built-in engine (Whisper ${model}). ${modelSource(builtinSpeech)}`,
  }
}

function modelSource({ model, modelDir }: BuiltinSpeechConfig): string {
  if (isAbsolute(model)) return `The model is read from ${model}.`
  if (modelDir !== undefined) return `The model is read from ${modelDir}.`
  return 'The model is downloaded when it is first needed.'
}

function off(reason: string): EngineChoice {
  return { kind: 'off', model: null, sentence: `Transcripts: off${reason}` }
}
