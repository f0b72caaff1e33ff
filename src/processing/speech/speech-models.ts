/** A way to ask for a transcription, in the names of OpenAI's API. */
export interface AnswerForm {
  readonly response_format: 'verbose_json' | 'diarized_json' | 'json'
  readonly timestamp_granularities?: readonly ('segment' | 'word')[]
  /** Models that tell speakers apart ask for it where audio is longer than 30 s. */
  readonly chunking_strategy?: 'auto'
}

export interface SpeechModel {
  /** Bytes of a request, with all that is around the audio. */
  readonly maxBytes: number
  /** Seconds of audio in a request. */
  readonly maxSeconds: number
  /** Ways to ask, best first; a service that refuses one is asked the next from then on. */
  readonly forms: readonly [AnswerForm, ...AnswerForm[]]
}

const TIMED: SpeechModel['forms'] = [
  { response_format: 'verbose_json', timestamp_granularities: ['segment', 'word'] },
  { response_format: 'verbose_json' },
  { response_format: 'json' },
]
const SPEAKERS: SpeechModel['forms'] = [
  { response_format: 'diarized_json', chunking_strategy: 'auto' },
  { response_format: 'json', chunking_strategy: 'auto' },
]
const TEXT: SpeechModel['forms'] = [{ response_format: 'json' }]

const MIB = 2 ** 20

/**
 * What models take, by the beginning of their names: the first that matches. OpenAI's limits, and for all others what most servers have
 * been seen to bear; gateways cut requests that take long, so no more than 15 minutes are asked for where a model would take more.
 */
const MODELS: readonly (readonly [beginning: string, model: SpeechModel])[] = [
  ['gpt-4o-transcribe-diarize', { maxBytes: 25 * MIB, maxSeconds: 1400, forms: SPEAKERS }],
  ['gpt-', { maxBytes: 25 * MIB, maxSeconds: 1400, forms: TEXT }],
  ['whisper-1', { maxBytes: 25 * MIB, maxSeconds: 5400, forms: TIMED }],
  ['', { maxBytes: 25 * MIB, maxSeconds: 900, forms: TIMED }],
]

const TARGET_SECONDS = 900

export function speechModel(name: string): SpeechModel {
  const [, model] = MODELS.find(([beginning]) => name.startsWith(beginning))!
  return { ...model, maxSeconds: Math.min(model.maxSeconds, TARGET_SECONDS) }
}
