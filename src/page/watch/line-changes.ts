import type { Segment } from '../api/types.ts'
import { type Draft, type Line, newLineId, replaceLines } from './transcript-draft.ts'

/** Scripts that put no space between words. */
const UNSPACED = /^[\p{scx=Han}\p{scx=Hira}\p{scx=Kana}\p{scx=Thai}\p{scx=Laoo}\p{scx=Khmr}\p{scx=Mymr}]/u

export type LineFields = Partial<Pick<Line, 'start' | 'end' | 'text' | 'speaker'>>

/** Changes a line. Its start stays between those of its neighbours, and its end is not before its start. */
export function changeLine(draft: Draft, index: number, fields: LineFields): Draft {
  const line = draft.lines[index]!
  const changed = { ...line, ...fields }
  const least = draft.lines[index - 1]?.start ?? 0
  const most = draft.lines[index + 1]?.start ?? Number.POSITIVE_INFINITY
  if (changed.start !== line.start) changed.start = Math.min(most, Math.max(least, changed.start))
  changed.end = Math.max(changed.start, changed.end)
  const names = ['start', 'end', 'text', 'speaker'] as const
  return names.every(name => changed[name] === line[name]) ? draft : replaceLines(draft, index, 1, [changed])
}

/** Divides a line. @param at index in its text; at the beginning and the end there is nothing to divide */
export function splitLine(draft: Draft, index: number, at: number): Draft {
  const line = draft.lines[index]!
  const [first, second] = [line.text.slice(0, at).trim(), line.text.slice(at).trim()]
  if (!first || !second) return draft
  const middle = timeWithin(line, at, draft.base)
  return replaceLines(draft, index, 1, [
    { ...line, end: middle, text: first },
    { ...line, id: newLineId(), start: middle, text: second },
  ])
}

/** Joins a line with the next one. The speaker of the first remains. */
export function mergeWithNext(draft: Draft, index: number): Draft {
  const [first, second] = [draft.lines[index]!, draft.lines[index + 1]]
  if (!second) return draft
  const merged = {
    ...first,
    end: Math.max(first.end, second.end),
    text: joined(first.text.trim(), second.text.trim()),
    speaker: first.speaker || second.speaker,
    from: [...new Set([...first.from, ...second.from])],
  }
  return replaceLines(draft, index, 2, [merged])
}

/** Changes many lines as one change. */
export function changeLines(draft: Draft, change: (line: Line) => Line): Draft {
  const lines = draft.lines.map(change)
  const first = lines.findIndex((line, index) => line !== draft.lines[index])
  if (first < 0) return draft
  const last = lines.findLastIndex((line, index) => line !== draft.lines[index])
  return replaceLines(draft, first, last + 1 - first, lines.slice(first, last + 1))
}

/** Gives a speaker another name in all lines. */
export function renameSpeaker(draft: Draft, before: string, after: string): Draft {
  return changeLines(draft, line => (line.speaker === before ? { ...line, speaker: after } : line))
}

/** Replaces all matches of a pattern in all lines. @param pattern with the flag `g` */
export function replaceAll(draft: Draft, pattern: RegExp, replacement: string): Draft {
  return changeLines(draft, line => {
    // A function, because `$&` in a replacement text would have a meaning.
    const text = line.text.replaceAll(pattern, () => replacement)
    return text === line.text ? line : { ...line, text }
  })
}

function joined(first: string, second: string): string {
  return first && second && !UNSPACED.test(second) ? `${first} ${second}` : first + second
}

/** The time of a position in a line: from its words if their times are known, otherwise in proportion to the letters. Hundredths of a second. */
function timeWithin({ start, end, text, from }: Line, at: number, base: readonly Segment[]): number {
  const words = from.flatMap(index => base[index]!.words ?? [])
  const count = (part: string) => part.split(/\s+/).filter(Boolean).length
  const word = words.length === count(text) ? words[count(text.slice(0, at))] : undefined
  const estimate = word?.start ?? start + ((end - start) * at) / text.length
  return Math.min(end, Math.max(start, Math.round(100 * estimate) / 100))
}
