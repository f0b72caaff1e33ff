import { timecode } from '../../base/timecode.ts'
import type { TranscriptSegment } from '../../database/tables/transcripts.ts'
import { joinTokens, type Token, timeTokens, tokenize } from './timed-words.ts'

/** Usual limits for subtitles, which players and platforms accept. */
const MAX_LINE_CHARACTERS = 42
const MAX_CUE_MS = 7000
const MIN_CUE_MS = 1000
/** A pause of this length inside a segment ends the cue. */
const PAUSE_S = 1.5

/** Characters that some players treat as line breaks, or do not show. */
const BLANK = /[\s\p{Cc}]+/gu

/** A caption and the time at which it is shown. Times are milliseconds. */
export interface Cue {
  readonly start: number
  readonly end: number
  /** At most two for a transcript. */
  readonly lines: readonly string[]
  /** The speaker's name without line breaks; absent if unknown. */
  readonly speaker?: string
}

/** Renders segments as WebVTT (W3C, §4.1), with speakers as voice spans (§4.2.2). Text is escaped, so it cannot become markup or another cue. */
export function renderVtt(segments: readonly TranscriptSegment[]): string {
  return cuesToVtt(cuesOf(segments))
}

/** Renders cues as WebVTT. No line may be empty. */
export function cuesToVtt(all: readonly Cue[]): string {
  const cues = all.map(({ start, end, lines, speaker }) => {
    const text = escapeVtt(lines.join('\n'))
    const spoken = speaker === undefined ? text : `<v ${escapeVtt(speaker)}>${text}</v>`
    return `${timecode(start, '.')} --> ${timecode(end, '.')}\n${spoken}\n`
  })
  return ['WEBVTT\n', ...cues].join('\n')
}

/** Renders segments as SubRip. The format has no voice spans, so the speaker's name precedes the text. */
export function renderSrt(segments: readonly TranscriptSegment[]): string {
  return cuesToSrt(cuesOf(segments.map(withName)))
}

/** Renders cues as SubRip. */
export function cuesToSrt(cues: readonly Cue[]): string {
  return cues
    .map(
      ({ start, end, lines }, index) =>
        `${index + 1}\n${timecode(start, ',')} --> ${timecode(end, ',')}\n${escapeSrt(lines.join('\n'))}\n`,
    )
    .join('\n')
}

/** Adds the speaker's name as a first word without duration. */
function withName(segment: TranscriptSegment): TranscriptSegment {
  const { start, text, words } = segment
  const speaker = speakerOf(segment)
  if (speaker === undefined || text.replaceAll(BLANK, '') === '') return segment
  const name = `${speaker}:`
  const named = words && [{ start, end: start, text: name }, ...words]
  return { ...segment, text: `${name} ${text}`, ...(named && { words: named }) }
}

/** The speaker's name without line breaks. */
function speakerOf({ speaker }: TranscriptSegment): string | undefined {
  return speaker?.replaceAll(BLANK, ' ').trim() || undefined
}

/**
 * Divides segments into cues of at most two lines of 42 characters and 7 s, preferably at the ends of sentences, at commas and at pauses. A
 * cue is shown for at least a second, unless the next one begins earlier.
 */
export function cuesOf(segments: readonly TranscriptSegment[]): Cue[] {
  const cues = segments.flatMap(cuesOfSegment).sort((a, b) => a.start - b.start)
  // Each cue has a different start, because players may reorder cues that start at the same time.
  let earliest = 0
  const starts = cues.map(({ start }) => {
    const own = Math.max(start, earliest)
    earliest = own + 1
    return own
  })
  return cues.map((cue, index) => {
    const start = starts[index]!
    const next = starts[index + 1] ?? Number.POSITIVE_INFINITY
    // A cue must end after it starts (WebVTT §4.1).
    return { ...cue, start, end: Math.max(cue.end, Math.min(start + MIN_CUE_MS, next)) }
  })
}

interface TimedToken extends Token {
  readonly start: number
  readonly end: number
}

function cuesOfSegment(segment: TranscriptSegment): Cue[] {
  const tokens = timedTokens(segment)
  const width = widths(tokens)
  const speaker = speakerOf(segment)
  const cues: Cue[] = []
  for (let from = 0; from < tokens.length; ) {
    let to = from + 1
    while (to < tokens.length && fits(tokens, width, from, to + 1)) to++
    if (to < tokens.length) to = breakAfter(tokens, width, from, to)
    const start = milliseconds(tokens[from]!.start)
    const next = to < tokens.length ? milliseconds(tokens[to]!.start) : Number.POSITIVE_INFINITY
    const end = Math.min(milliseconds(tokens[to - 1]!.end), next, start + MAX_CUE_MS)
    cues.push({ start, end, lines: linesOf(tokens, width, from, to), ...(speaker && { speaker }) })
    from = to
  }
  return cues
}

type Width = (from: number, to: number) => number

/** @returns a function that counts the characters of the tokens between two indices. */
function widths(tokens: readonly Token[]): Width {
  const sums = [0]
  for (const { text, spaced } of tokens) sums.push(sums.at(-1)! + text.length + Number(spaced))
  return (from, to) => sums[to]! - sums[from]! - Number(tokens[from]!.spaced)
}

/** The words of a segment with their times. No word contains a line break or is longer than a line. */
function timedTokens({ start, end, text, words = [] }: TranscriptSegment): TimedToken[] {
  const tokens = tokenize(text.replaceAll(BLANK, ' ')).flatMap(shortened)
  const times = timeTokens(tokens, { start: Math.max(0, start), end }, words).words
  return tokens.map((token, index) => ({ ...token, start: times[index]!.start, end: times[index]!.end }))
}

const CHARACTERS = new Intl.Segmenter('und', { granularity: 'grapheme' })

/** Divides a word that is longer than a line, such as a URL. */
function shortened(token: Token): Token[] {
  if (token.text.length <= MAX_LINE_CHARACTERS) return [token]
  const parts = ['']
  for (const { segment } of CHARACTERS.segment(token.text)) {
    // So many combining marks on one letter are not a word of any language.
    const character = segment.length > MAX_LINE_CHARACTERS ? [...segment][0]! : segment
    if (parts.at(-1)!.length + character.length > MAX_LINE_CHARACTERS) parts.push(character)
    else parts[parts.length - 1] += character
  }
  return parts.map((text, index) => ({ text, spaced: token.spaced && index === 0 }))
}

function fits(tokens: readonly TimedToken[], width: Width, from: number, to: number): boolean {
  const last = tokens[to - 1]!
  if (last.start - tokens[to - 2]!.end > PAUSE_S) return false
  if (milliseconds(last.end) - milliseconds(tokens[from]!.start) > MAX_CUE_MS) return false
  if (width(from, to) <= MAX_LINE_CHARACTERS) return true
  let middle = from + 1
  while (middle + 1 < to && width(from, middle + 1) <= MAX_LINE_CHARACTERS) middle++
  return width(middle, to) <= MAX_LINE_CHARACTERS
}

/** Finds the best place to end a cue. @param most the index after the last token that fits; a token must exist there. @returns the index after the cue. */
function breakAfter(tokens: readonly TimedToken[], width: Width, from: number, most: number): number {
  let best = { to: most, weight: 0 }
  for (let to = most; to > from && width(from, to) * 3 >= width(from, most); to--) {
    const weight = weightOfBreak(tokens[to - 1]!, tokens[to]!)
    if (weight > best.weight) best = { to, weight }
  }
  return best.to
}

/** Rates a break between two tokens; higher is better. */
function weightOfBreak(before: TimedToken, after: TimedToken): number {
  if (after.start - before.end > PAUSE_S) return 4
  if (/[.?!…。？！]["'”’»」』)\]]*$/u.test(before.text)) return 3
  if (/[,;:،؛，、；：–—]["'”’»」』)\]]*$/u.test(before.text)) return 2
  return after.start - before.end > 0.3 ? 1 : 0
}

/** @returns one line if the text fits, otherwise two lines of similar length. */
function linesOf(tokens: readonly TimedToken[], width: Width, from: number, to: number): string[] {
  if (width(from, to) <= MAX_LINE_CHARACTERS) return [joinTokens(tokens.slice(from, to))]
  let best = { middle: from + 1, cost: Number.POSITIVE_INFINITY }
  for (let middle = from + 1; middle < to; middle++) {
    const [first, second] = [width(from, middle), width(middle, to)]
    if (first > MAX_LINE_CHARACTERS || second > MAX_LINE_CHARACTERS) continue
    const cost = Math.abs(first - second) - 6 * weightOfBreak(tokens[middle - 1]!, tokens[middle]!)
    if (cost < best.cost) best = { middle, cost }
  }
  return [joinTokens(tokens.slice(from, best.middle)), joinTokens(tokens.slice(best.middle, to))]
}

function escapeVtt(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

/** SubRip has no escapes. Players read angle brackets and braces as tags, and a backslash as the beginning of a line break. */
function escapeSrt(text: string): string {
  return text.replaceAll('-->', '→').replaceAll(/[<>{}\\]/g, character => SIMILAR_CHARACTERS[character]!)
}

const SIMILAR_CHARACTERS: Readonly<Record<string, string>> = {
  '<': '‹',
  '>': '›',
  '{': '(',
  '}': ')',
  '\\': '⧵',
}

function milliseconds(seconds: number): number {
  return Math.round(seconds * 1000)
}
