/** A form of answer to ask for, in the names of OpenAI's API. */
export interface AnswerForm {
  readonly response_format: 'verbose_json' | 'diarized_json' | 'json'
  readonly timestamp_granularities?: readonly ('segment' | 'word')[]
  /** Models with speaker diarization require it for audio of more than 30 s. */
  readonly chunking_strategy?: 'auto'
}

export interface SpeechModel {
  /** Bytes of a request, its other fields included. */
  readonly maxBytes: number
  /** Seconds of audio in a request. */
  readonly maxSeconds: number
  /** The best form first. After a refusal, the next one is used from then on. */
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

/** Limits by the beginning of a model's name; the first match counts. OpenAI publishes its limits; the last line is what most servers accept. */
const MODELS: readonly (readonly [prefix: string, model: SpeechModel])[] = [
  ['gpt-4o-transcribe-diarize', { maxBytes: 25 * MIB, maxSeconds: 1400, forms: SPEAKERS }],
  ['gpt-', { maxBytes: 25 * MIB, maxSeconds: 1400, forms: TEXT }],
  ['whisper-1', { maxBytes: 25 * MIB, maxSeconds: 5400, forms: TIMED }],
  ['', { maxBytes: 25 * MIB, maxSeconds: 900, forms: TIMED }],
]

/** Gateways end requests that take long, so less is sent than some models accept. */
const TARGET_S = 900

export function speechModel(name: string): SpeechModel {
  const [, model] = MODELS.find(([prefix]) => name.startsWith(prefix))!
  return { ...model, maxSeconds: Math.min(model.maxSeconds, TARGET_S) }
}
