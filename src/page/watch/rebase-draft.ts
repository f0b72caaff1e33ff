import type { Segment } from '../api/types.ts'
import {
  beginDraft,
  type Draft,
  isSame,
  type Line,
  lineOf,
  newLineId,
  replaceLines,
  segmentOf,
} from './transcript-draft.ts'

/** Lines that two people have changed differently. */
export interface Conflict {
  /** All its lines in the draft have it as their `conflict`. */
  readonly key: number
  readonly mine: readonly Line[]
  readonly theirs: readonly Line[]
}

export interface Rebased {
  readonly draft: Draft
  readonly conflicts: readonly Conflict[]
  /** Changed texts whose lines no longer exist. */
  readonly lost: readonly string[]
}

/** A changed part of a draft: lines that were made from adjacent lines of its base. */
interface Part {
  /** Index of the first line of the base. */
  readonly from: number
  /** Index after the last line of the base. */
  readonly to: number
  readonly lines: readonly Line[]
}

/**
 * Moves the changes of a draft to a later version of the transcript. Lines that begin at the same time are the same line. Text, times and
 * speaker of a line are separate changes. If both sides have changed the same, the draft keeps its own lines, and they are a conflict.
 */
export function rebase(draft: Draft, theirs: readonly Segment[], tag: string): Rebased {
  const keys = lineKeys(draft.base)
  const indexOf = new Map(lineKeys(theirs).map((key, index) => [key, index]))
  let moved = beginDraft(theirs, tag)
  /** Lines that the parts so far have added. */
  let added = 0
  const conflicts: Conflict[] = []
  const lost: string[] = []
  for (const part of changedParts(draft)) {
    const base = draft.base.slice(part.from, part.to)
    const place = placeOf(part, base, keys, indexOf)
    if (!place) {
      lost.push(...part.lines.map(({ text }) => text).filter(text => text.trim() && isNew(text, base)))
      continue
    }
    const [at, count] = place
    const their = theirs.slice(at, at + count)
    const { lines, isConflict } = mergedPart(part.lines, base, their)
    const from = their.map((_, index) => at + index)
    const key = isConflict ? newLineId() : undefined
    const own = lines.map(line => withConflict({ ...line, from }, key))
    if (own.length === count && own.every((line, index) => isSame(line, their[index]!))) continue
    if (key !== undefined)
      conflicts.push({ key, mine: own, theirs: their.map(line => withConflict(lineOf(line, from), key)) })
    moved = replaceLines(moved, at + added, count, own)
    added += own.length - count
  }
  return { draft: moved, conflicts, lost }
}

/** Replaces the lines of a conflict by those of one side. */
export function chooseLines(draft: Draft, key: number, lines: readonly Line[]): Draft {
  const first = draft.lines.findIndex(({ conflict }) => conflict === key)
  if (first < 0) return draft
  const last = draft.lines.findLastIndex(({ conflict }) => conflict === key)
  return replaceLines(draft, first, last + 1 - first, lines)
}

/** The changes since a draft was sent, as a draft based on what was sent. */
export function changedSince(sent: Draft, now: Draft): Draft {
  const base = sent.lines.map(segmentOf)
  const [before, after] = [sent.lines, now.lines]
  let start = 0
  while (start < before.length && before[start] === after[start]) start++
  let end = 0
  while (end < Math.min(before.length, after.length) - start && before.at(-1 - end) === after.at(-1 - end))
    end++
  const shift = before.length - after.length
  const middle = Array.from({ length: before.length - end - start }, (_, at) => start + at)
  const lines = after.map((line, index): Line => {
    if (index < start) return { ...lineOf(base[index]!, [index]), id: line.id }
    if (index >= after.length - end) return { ...lineOf(base[index + shift]!, [index + shift]), id: line.id }
    // With as many lines as before, each is the same line. Otherwise some were split or merged.
    if (shift !== 0) return { ...line, from: middle }
    const from = [index]
    return line === before[index] ? { ...lineOf(base[index]!, from), id: line.id } : { ...line, from }
  })
  return { ...now, base, lines }
}

/** The parts that differ from the base. */
function changedParts({ base, lines }: Draft): Part[] {
  const parts: { from: number; to: number; lines: Line[] }[] = []
  for (const line of lines) {
    const last = parts.at(-1)
    if (last && line.from[0]! < last.to) {
      last.lines.push(line)
      last.to = Math.max(last.to, line.from.at(-1)! + 1)
    } else parts.push({ from: line.from[0]!, to: line.from.at(-1)! + 1, lines: [line] })
  }
  return parts.filter(
    ({ from, to, lines: [first, second] }) => second || to > from + 1 || !isSame(first!, base[from]!),
  )
}

/** The place of the lines of a part in the later version: index and count; undefined if some are gone or are no longer adjacent. */
function placeOf(
  { from, to }: Part,
  base: readonly Segment[],
  keys: readonly string[],
  indexOf: ReadonlyMap<string, number>,
): readonly [index: number, count: number] | undefined {
  const found: number[] = []
  for (let index = from; index < to; index++) {
    const at = indexOf.get(keys[index]!)
    if (at !== undefined) found.push(at)
    // Blank lines of a draft that was sent are not on the server.
    else if (base[index - from]!.text.trim()) return undefined
  }
  const [first, last] = [found[0], found.at(-1)]
  return first !== undefined && last! - first === found.length - 1 ? [first, found.length] : undefined
}

/** Merges a part with the same lines of the later version. */
function mergedPart(
  mine: readonly Line[],
  base: readonly Segment[],
  theirs: readonly Segment[],
): { lines: readonly Line[]; isConflict: boolean } {
  if (mine.length === 1 && base.length === 1) return mergedLine(mine[0]!, base[0]!, theirs[0]!)
  // Blank lines of a draft that was sent are not on the server.
  const known = base.filter(({ text }) => text.trim())
  const isUntouched = ({ start, end, text }: Segment, at: number) =>
    start === known[at]!.start && end === known[at]!.end && text === known[at]!.text
  if (theirs.length !== known.length || !theirs.every(isUntouched)) {
    const isEqual = mine.length === theirs.length && mine.every((each, at) => isSame(each, theirs[at]!))
    return { lines: mine, isConflict: !isEqual }
  }
  // They have changed speakers at most.
  const renamed = new Map(known.map(({ speaker = '' }, at) => [speaker, theirs[at]!.speaker ?? '']))
  return {
    lines: mine.map(each => ({ ...each, speaker: renamed.get(each.speaker) ?? each.speaker })),
    isConflict: false,
  }
}

function mergedLine(
  mine: Line,
  base: Segment,
  theirs: Segment,
): { lines: readonly Line[]; isConflict: boolean } {
  const [before, their] = [lineOf(base, []), lineOf(theirs, [])]
  const merged = { ...their, id: mine.id, from: mine.from }
  let isConflict = false
  const keep = <Name extends 'start' | 'end' | 'text' | 'speaker'>(name: Name) => {
    if (mine[name] === before[name]) return
    if (their[name] !== before[name] && their[name] !== mine[name]) isConflict = true
    merged[name] = mine[name]
  }
  keep('text')
  keep('speaker')
  keep('start')
  keep('end')
  merged.end = Math.max(merged.start, merged.end)
  return { lines: [merged], isConflict }
}

/** Only texts that were typed are worth a message. */
function isNew(text: string, base: readonly Segment[]): boolean {
  return !base.some(segment => segment.text === text)
}

function withConflict({ conflict: _, ...line }: Line, key: number | undefined): Line {
  return key === undefined ? line : { ...line, conflict: key }
}

/** A key for each line: its start, and its place among the lines that start at the same time. */
function lineKeys(segments: readonly Segment[]): string[] {
  const counts = new Map<number, number>()
  return segments.map(({ start, text }, index) => {
    // The server has no blank lines.
    if (!text.trim()) return `blank ${index}`
    const count = counts.get(start) ?? 0
    counts.set(start, count + 1)
    return `${start} ${count}`
  })
}
