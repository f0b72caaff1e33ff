import { timecode } from '../../base/timecode.ts'
import type { TranscriptSegment } from '../../database/schema.ts'
import { joinTokens, type Token, timeTokens, tokenize } from './timed-words.ts'

/** What players and platforms accept: characters in a line, lines in a cue, milliseconds that a cue stands. */
const LINE = 42
const LONGEST = 7000
const SHORTEST = 1000
/** A pause within a segment that a cue does not stand through, in seconds. */
const PAUSE = 1.5

/** Whatever ends a line somewhere, or is not shown. */
const BLANK = /[\s\p{Cc}]+/gu

/** What is shown at a time. Times are milliseconds. */
export interface Cue {
  readonly start: number
  readonly end: number
  /** One or two, of a transcript. */
  readonly lines: readonly string[]
  /** Who says it, on one line; absent where nobody told. */
  readonly speaker?: string
}

/** Renders segments as WebVTT (W3C, §4.1), speakers as voice spans (§4.2.2). Text cannot become markup, a cue or a setting. */
export function renderVtt(segments: readonly TranscriptSegment[]): string {
  return cuesToVtt(cuesOf(segments))
}

/** Writes cues as WebVTT: no line of theirs may be empty. */
export function cuesToVtt(all: readonly Cue[]): string {
  const cues = all.map(({ start, end, lines, speaker }) => {
    const text = escapeVtt(lines.join('\n'))
    const spoken = speaker === undefined ? text : `<v ${escapeVtt(speaker)}>${text}</v>`
    return `${timecode(start, '.')} --> ${timecode(end, '.')}\n${spoken}\n`
  })
  return ['WEBVTT\n', ...cues].join('\n')
}

/** Renders segments as SubRip, which has no voices: the speaker's name stands before the text. */
export function renderSrt(segments: readonly TranscriptSegment[]): string {
  return cuesToSrt(cuesOf(segments.map(withName)))
}

/** Writes cues as SubRip. */
export function cuesToSrt(cues: readonly Cue[]): string {
  return cues
    .map(
      ({ start, end, lines }, index) =>
        `${index + 1}\n${timecode(start, ',')} --> ${timecode(end, ',')}\n${escapeSrt(lines.join('\n'))}\n`,
    )
    .join('\n')
}

/** A name is read with the first word, and takes no time of its own. */
function withName(segment: TranscriptSegment): TranscriptSegment {
  const { start, text, words } = segment
  const speaker = speakerOf(segment)
  if (speaker === undefined || text.replaceAll(BLANK, '') === '') return segment
  const name = `${speaker}:`
  const heard = words && [{ start, end: start, text: name }, ...words]
  return { ...segment, text: `${name} ${text}`, ...(heard && { words: heard }) }
}

/** A speaker's name on one line. */
function speakerOf({ speaker }: TranscriptSegment): string | undefined {
  return speaker?.replaceAll(BLANK, ' ').trim() || undefined
}

/**
 * Divides segments into cues of at most two lines of 42 characters and 7 s, at the ends of sentences, at commas and in pauses where
 * it can. A cue is shown for a second where the next one leaves it that.
 */
export function cuesOf(segments: readonly TranscriptSegment[]): Cue[] {
  const cues = segments.flatMap(cuesOfSegment).sort((a, b) => a.start - b.start)
  // No two begin at the same time: players would put them in an order of their own.
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
    return { ...cue, start, end: Math.max(cue.end, Math.min(start + SHORTEST, next)) }
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
    const end = Math.min(milliseconds(tokens[to - 1]!.end), next, start + LONGEST)
    cues.push({ start, end, lines: linesOf(tokens, width, from, to), ...(speaker && { speaker }) })
    from = to
  }
  return cues
}

type Width = (from: number, to: number) => number

/** @returns how many characters the tokens between two indices make. */
function widths(tokens: readonly Token[]): Width {
  const sums = [0]
  for (const { text, spaced } of tokens) sums.push(sums.at(-1)! + text.length + Number(spaced))
  return (from, to) => sums[to]! - sums[from]! - Number(tokens[from]!.spaced)
}

/** The text without anything that could end a line, in parts that a line holds, with their times. */
function timedTokens({ start, end, text, words = [] }: TranscriptSegment): TimedToken[] {
  const tokens = tokenize(text.replaceAll(BLANK, ' ')).flatMap(shortened)
  const times = timeTokens(tokens, { start: Math.max(0, start), end }, words).words
  return tokens.map((token, index) => ({ ...token, start: times[index]!.start, end: times[index]!.end }))
}

const CHARACTERS = new Intl.Segmenter('und', { granularity: 'grapheme' })

/** A word that is longer than a line, such as an address, in parts that are not. */
function shortened(token: Token): Token[] {
  if (token.text.length <= LINE) return [token]
  const parts = ['']
  for (const { segment } of CHARACTERS.segment(token.text)) {
    // A letter with more accents than a line has characters is nobody's.
    const character = segment.length > LINE ? [...segment][0]! : segment
    if (parts.at(-1)!.length + character.length > LINE) parts.push(character)
    else parts[parts.length - 1] += character
  }
  return parts.map((text, index) => ({ text, spaced: token.spaced && index === 0 }))
}

function fits(tokens: readonly TimedToken[], width: Width, from: number, to: number): boolean {
  const last = tokens[to - 1]!
  if (last.start - tokens[to - 2]!.end > PAUSE) return false
  if (milliseconds(last.end) - milliseconds(tokens[from]!.start) > LONGEST) return false
  if (width(from, to) <= LINE) return true
  let middle = from + 1
  while (middle + 1 < to && width(from, middle + 1) <= LINE) middle++
  return width(middle, to) <= LINE
}

/** @param most the index behind all that fits, of a token that there is. @returns the index behind what is to be shown. */
function breakAfter(tokens: readonly TimedToken[], width: Width, from: number, most: number): number {
  let best = { to: most, weight: 0 }
  for (let to = most; to > from && width(from, to) * 3 >= width(from, most); to--) {
    const weight = weightOfBreak(tokens[to - 1]!, tokens[to]!)
    if (weight > best.weight) best = { to, weight }
  }
  return best.to
}

/** How well a text parts between two tokens. */
function weightOfBreak(before: TimedToken, after: TimedToken): number {
  if (after.start - before.end > PAUSE) return 4
  if (/[.?!…。？！]["'”’»」』)\]]*$/u.test(before.text)) return 3
  if (/[,;:،؛，、；：–—]["'”’»」』)\]]*$/u.test(before.text)) return 2
  return after.start - before.end > 0.3 ? 1 : 0
}

/** @returns one line where it suffices, else two of about one length. */
function linesOf(tokens: readonly TimedToken[], width: Width, from: number, to: number): string[] {
  if (width(from, to) <= LINE) return [joinTokens(tokens.slice(from, to))]
  let best = { middle: from + 1, cost: Number.POSITIVE_INFINITY }
  for (let middle = from + 1; middle < to; middle++) {
    const [first, second] = [width(from, middle), width(middle, to)]
    if (first > LINE || second > LINE) continue
    const cost = Math.abs(first - second) - 6 * weightOfBreak(tokens[middle - 1]!, tokens[middle]!)
    if (cost < best.cost) best = { middle, cost }
  }
  return [joinTokens(tokens.slice(from, best.middle)), joinTokens(tokens.slice(best.middle, to))]
}

function escapeVtt(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

/** SubRip has no escapes; players take angle brackets, and braces, as tags, and a backslash as the beginning of a line break. */
function escapeSrt(text: string): string {
  return text.replaceAll('-->', '→').replaceAll(/[<>{}\\]/g, character => LOOK_ALIKES[character]!)
}

const LOOK_ALIKES: Readonly<Record<string, string>> = { '<': '‹', '>': '›', '{': '(', '}': ')', '\\': '⧵' }

function milliseconds(seconds: number): number {
  return Math.round(seconds * 1000)
}
