import type { HeardWord } from './tone-words.ts'

/** In what servers differ that give the same formats. */
export interface Quirks {
  /** Some know no times of words, and say so in this way. */
  words: 'given' | 'null'
  language: 'name' | 'code'
  /** Whether it makes up a sentence for a long silence, as whisper does. */
  invents: boolean
}

/** What was heard in one piece of audio. */
export interface Hearing {
  readonly words: readonly HeardWord[]
  /** Seconds. */
  readonly duration: number
  /** Its English name in lower case, as whisper-1 gives it. */
  readonly language: string
  readonly quirks?: Quirks
}

interface Segment {
  readonly start: number
  readonly end: number
  readonly words: readonly HeardWord[]
}

/** A pause of this many seconds ends a segment. */
const PAUSE = 0.6

type Render = (hearing: Hearing, granularities: readonly string[]) => { type: string; body: string }

/** The formats of OpenAI's transcription API: https://platform.openai.com/docs/api-reference/audio */
export const RESPONSE_FORMATS: Readonly<Record<string, Render>> = {
  json: hearing => json({ text: textOf(hearing.words), usage: usage(hearing) }),
  text: hearing => plain(`${textOf(hearing.words)}\n`),
  srt: hearing =>
    plain(
      segmentsOf(hearing)
        .map((segment, i) => `${i + 1}\n${cue(segment, ',')}\n`)
        .join(''),
    ),
  vtt: hearing =>
    plain(
      `WEBVTT\n\n${segmentsOf(hearing)
        .map(segment => cue(segment, '.'))
        .join('')}`,
    ),
  verbose_json: (hearing, granularities) =>
    json({
      task: 'transcribe',
      language: hearing.language,
      duration: hearing.duration,
      text: textOf(hearing.words),
      // Segments are the default, and absent where only words were asked for.
      ...(granularities.includes('segment') || granularities.length === 0
        ? { segments: segmentsOf(hearing).map(verboseSegment) }
        : {}),
      ...(granularities.includes('word') ? { words: wordsOf(hearing) } : {}),
      usage: usage(hearing),
    }),
}

/** Seconds of silence for which a sentence is made up. */
const LONG_SILENCE = 8
export const INVENTED = 'Thank you for watching.'

function wordsOf({ words, quirks }: Hearing) {
  return quirks?.words === 'null' ? null : words
}

function json(value: unknown) {
  return { type: 'application/json', body: JSON.stringify(value) }
}

function plain(body: string) {
  return { type: 'text/plain; charset=utf-8', body }
}

function usage({ duration }: Hearing) {
  return { type: 'duration', seconds: Math.ceil(duration) }
}

function textOf(words: readonly HeardWord[]): string {
  return words.map(({ word }) => word).join(' ')
}

function segmentsOf({ words, duration, quirks }: Hearing): Segment[] {
  const groups: HeardWord[][] = []
  for (const word of words) {
    const group = groups.at(-1)
    if (group && word.start - group.at(-1)!.end < PAUSE) group.push(word)
    else groups.push([word])
  }
  const heard = groups.map(group => ({ start: group[0]!.start, end: group.at(-1)!.end, words: group }))
  if (!quirks?.invents) return heard
  const ends = [0, ...heard.map(segment => segment.end)]
  const invented = ends.flatMap((start, index) => {
    const end = heard[index]?.start ?? duration
    return end - start < LONG_SILENCE ? [] : [{ start, end, words: [] }]
  })
  return [...heard, ...invented].sort((a, b) => a.start - b.start)
}

function verboseSegment({ start, end, words }: Segment, id: number) {
  return {
    id,
    seek: Math.floor(start / 30) * 3000,
    start,
    end,
    // Whisper's tokens carry the space before a word, and so does its segments' text.
    text: ` ${words.length > 0 ? textOf(words) : INVENTED}`,
    tokens: words.map(({ word }) => 1000 + word.charCodeAt(0)),
    temperature: 0,
    avg_logprob: words.length > 0 ? -0.2 : -1.3,
    compression_ratio: 0.9,
    no_speech_prob: words.length > 0 ? 0.01 : 0.9,
  }
}

function cue({ start, end, words }: Segment, decimal: string): string {
  return `${clock(start, decimal)} --> ${clock(end, decimal)}\n${textOf(words)}\n\n`
}

function clock(seconds: number, decimal: string): string {
  return new Date(Math.round(seconds * 1000)).toISOString().slice(11, 23).replace('.', decimal)
}
