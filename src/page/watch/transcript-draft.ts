import type { Segment } from '../api/types.ts'

/** A line of a draft. Times are seconds. */
export interface Line {
  readonly id: number
  readonly start: number
  readonly end: number
  /** A blank text deletes the line. */
  readonly text: string
  /** Blank if unknown. */
  readonly speaker: string
  /** Indices of the lines of `base` from which it was made, ascending: several after a merge. Both halves of a split line have the same. */
  readonly from: readonly number[]
  /** Key of the conflict to which it belongs. */
  readonly conflict?: number
}

/** Lines that replace others, from an index on. */
interface Change {
  readonly index: number
  readonly before: readonly Line[]
  readonly after: readonly Line[]
}

/** A transcript that is being edited. `base` is the server's version, and `tag` its entity tag. */
export interface Draft {
  readonly base: readonly Segment[]
  readonly tag: string
  /** In the order of their start. */
  readonly lines: readonly Line[]
  readonly done: readonly Change[]
  readonly undone: readonly Change[]
}

/** Unsaved drafts by the transcript's link. They are kept while another view is shown. */
export const unsaved = new Map<string, Draft>()

let lastId = 0

/** The id for a new line. */
export function newLineId(): number {
  return ++lastId
}

export function beginDraft(base: readonly Segment[], tag: string): Draft {
  return { base, tag, lines: base.map((segment, index) => lineOf(segment, [index])), done: [], undone: [] }
}

export function lineOf({ start, end, text, speaker = '' }: Segment, from: readonly number[]): Line {
  return { id: newLineId(), start, end, text, speaker, from }
}

/** Replaces lines as one change, which can be undone. */
export function replaceLines(draft: Draft, index: number, count: number, after: readonly Line[]): Draft {
  const change = { index, before: draft.lines.slice(index, index + count), after }
  if (change.before.length === after.length && after.every((line, at) => line === change.before[at]))
    return draft
  return { ...draft, lines: applied(draft.lines, change), done: [...draft.done, change], undone: [] }
}

export function undo(draft: Draft): Draft {
  const last = draft.done.at(-1)
  if (!last) return draft
  const back = { index: last.index, before: last.after, after: last.before }
  return {
    ...draft,
    lines: applied(draft.lines, back),
    done: draft.done.slice(0, -1),
    undone: [...draft.undone, last],
  }
}

export function redo(draft: Draft): Draft {
  const last = draft.undone.at(-1)
  if (!last) return draft
  return {
    ...draft,
    lines: applied(draft.lines, last),
    done: [...draft.done, last],
    undone: draft.undone.slice(0, -1),
  }
}

function applied(lines: readonly Line[], { index, before, after }: Change): Line[] {
  return lines.toSpliced(index, before.length, ...after)
}

export function isChanged({ base, lines }: Draft): boolean {
  return lines.length !== base.length || lines.some((line, index) => !isSame(line, base[index]!))
}

/** Whether a line is as on the server. */
export function isSame({ start, end, text, speaker }: Omit<Line, 'id' | 'from'>, segment: Segment): boolean {
  return (
    text === segment.text &&
    start === segment.start &&
    end === segment.end &&
    speaker === (segment.speaker ?? '')
  )
}

/** The lines to save, in the order of their start, as the server requires. */
export function editedSegments({ lines }: Draft): Segment[] {
  return lines
    .filter(({ text }) => text.trim() !== '')
    .map(segmentOf)
    .sort((one, other) => one.start - other.start)
}

export function segmentOf({ start, end, text, speaker }: Line): Segment {
  return { start, end, text: text.trim(), ...(speaker.trim() && { speaker: speaker.trim() }) }
}
