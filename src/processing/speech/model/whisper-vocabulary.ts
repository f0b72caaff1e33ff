import { ModelFileError } from './ctranslate2-file.ts'

/** The parts of a model's `vocabulary.txt` and `config.json` that decoding needs. */
export interface WhisperVocabulary {
  /** Ordinary tokens, by number, as GPT-2 writes them: `tokenBytes` reads them. */
  readonly tokens: readonly string[]
  readonly special: Readonly<Record<SpecialToken, number>>
  /** Codes of languages and their tokens; empty for an English-only model. */
  readonly languages: ReadonlyMap<string, number>
  /** Pairs of layer and head whose cross-attention is aligned with the sound. */
  readonly alignmentHeads: readonly (readonly [layer: number, head: number])[]
  /**
   * Special tokens that are never chosen. Tokens of brackets and notes may be chosen: without `[MUSIC]`, the model would invent words.
   */
  readonly suppressed: readonly number[]
}

const SPECIAL = {
  end: '<|endoftext|>',
  start: '<|startoftranscript|>',
  translate: '<|translate|>',
  transcribe: '<|transcribe|>',
  noSpeech: '<|nocaptions|>',
  noTimestamps: '<|notimestamps|>',
} as const
type SpecialToken = keyof typeof SPECIAL

/** @throws ModelFileError */
export function readVocabulary(vocabulary: string, config: string): WhisperVocabulary {
  const lines = vocabulary.split('\n')
  if (lines.at(-1) === '') lines.pop()
  const numbers = new Map(lines.map((line, number) => [line, number]))
  const find = (text: string) => {
    const number = numbers.get(text)
    if (number === undefined) throw new ModelFileError(`The vocabulary has no ${text}.`)
    return number
  }
  const special = Object.fromEntries(
    Object.entries(SPECIAL).map(([name, text]) => [name, find(text)]),
  ) as Record<SpecialToken, number>
  const { alignmentHeads, suppressed } = readConfig(config)
  const between = lines.slice(special.start + 1, special.translate)
  // English-only models have the tokens of languages too, but were not trained with them.
  const isEnglishOnly = special.end === ENGLISH_END_CODE
  const languages = isEnglishOnly
    ? []
    : between.map((line, at) => [line.slice(2, -2), special.start + 1 + at] as const)
  return {
    tokens: lines.slice(0, special.end),
    special,
    languages: new Map(languages),
    alignmentHeads,
    suppressed: suppressed.filter(token => token > special.end),
  }
}

function readConfig(text: string): Pick<WhisperVocabulary, 'alignmentHeads' | 'suppressed'> {
  let config: unknown
  try {
    config = JSON.parse(text)
  } catch {
    throw new ModelFileError('config.json is not JSON.')
  }
  const { alignment_heads: heads, suppress_ids: suppressed = [] } = Object(config) as Record<string, unknown>
  const isPair = (value: unknown) => isCounts(value) && value.length === 2
  if (!Array.isArray(heads) || heads.length === 0 || !heads.every(isPair))
    throw new ModelFileError('config.json names no alignment heads: pairs of a layer and a head.')
  if (!isCounts(suppressed)) throw new ModelFileError('suppress_ids in config.json is no list of tokens.')
  return { alignmentHeads: heads as [number, number][], suppressed }
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every(one => Number.isSafeInteger(one) && one >= -1)
}

/** The number of `<|endoftext|>` in GPT-2's vocabulary; the multilingual one has a token more before it. */
const ENGLISH_END_CODE = 50_256

/** The metadata that sherpa-onnx reads from the encoder. */
export function sherpaMetadata(
  { special, languages, alignmentHeads }: WhisperVocabulary,
  size: { mels: number; state: number; decoderLayers: number; textContext: number; vocabulary: number },
): Record<string, string> {
  const first = [...languages.values()][0]
  const begin = first === undefined ? [special.start] : [special.start, first, special.transcribe]
  const metadata = {
    n_mels: size.mels,
    n_text_layer: size.decoderLayers,
    n_text_ctx: size.textContext,
    n_text_state: size.state,
    n_vocab: size.vocabulary,
    n_alignment_heads: alignmentHeads.length,
    sot: special.start,
    eot: special.end,
    blank_id: 220,
    translate: special.translate,
    transcribe: special.transcribe,
    no_timestamps: special.noTimestamps,
    no_speech: special.noSpeech,
    is_multilingual: languages.size > 0 ? 1 : 0,
    sot_sequence: begin.join(),
    all_language_tokens: [...languages.values()].join(),
    all_language_codes: [...languages.keys()].join(),
  }
  return Object.fromEntries(Object.entries(metadata).map(([key, value]) => [key, String(value)]))
}

/**
 * Sherpa's list of tokens: a line with the text in base64 and the number for each. The text is GPT-2's way of writing bytes: a token can be
 * a part of a character, which sherpa's answer in JSON could not hold.
 */
export function sherpaTokens({ tokens }: WhisperVocabulary): string {
  return tokens.map((token, number) => `${Buffer.from(token).toString('base64')} ${number}\n`).join('')
}

/** GPT-2 writes each byte as a character that can be seen: itself, or one from 256 on. (openai/gpt-2, `bytes_to_unicode`) */
const BYTES = new Map<string, number>()
for (let byte = 0, other = 256; byte < 256; byte++) {
  const isVisible = (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174
  BYTES.set(String.fromCodePoint(isVisible ? byte : other++), byte)
}

export function tokenBytes(token: string): number[] {
  return [...token].flatMap(character => BYTES.get(character) ?? [...Buffer.from(character)])
}
