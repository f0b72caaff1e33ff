import type { Segment } from '../api/types.ts'

interface Change {
  readonly index: number
  readonly before: string
  readonly after: string
}

/** A transcript that is being edited. `base` is the server's version, and `tag` its entity tag. */
export interface Draft {
  readonly base: readonly Segment[]
  readonly tag: string
  /** The edited text of each line of `base`. A blank text deletes its line. */
  readonly texts: readonly string[]
  readonly done: readonly Change[]
  readonly undone: readonly Change[]
}

/** A line that two people have changed differently. */
export interface Conflict {
  readonly index: number
  readonly mine: string
  readonly theirs: string
}

/** Unsaved drafts by the transcript's link. They are kept while another view is shown. */
export const unsaved = new Map<string, Draft>()

export function beginDraft(base: readonly Segment[], tag: string): Draft {
  return { base, tag, texts: base.map(({ text }) => text), done: [], undone: [] }
}

export function changeLine(draft: Draft, index: number, after: string): Draft {
  const before = draft.texts[index]!
  if (before === after) return draft
  return {
    ...draft,
    texts: draft.texts.with(index, after),
    done: [...draft.done, { index, before, after }],
    undone: [],
  }
}

export function undo(draft: Draft): Draft {
  const last = draft.done.at(-1)
  if (!last) return draft
  const texts = draft.texts.with(last.index, last.before)
  return { ...draft, texts, done: draft.done.slice(0, -1), undone: [...draft.undone, last] }
}

export function redo(draft: Draft): Draft {
  const last = draft.undone.at(-1)
  if (!last) return draft
  const texts = draft.texts.with(last.index, last.after)
  return { ...draft, texts, done: [...draft.done, last], undone: draft.undone.slice(0, -1) }
}

export function isChanged({ base, texts }: Draft): boolean {
  return base.some(({ text }, index) => text !== texts[index])
}

export function editedSegments({ base, texts }: Draft): Segment[] {
  return base.flatMap(({ start, end, speaker }, index) => {
    const text = texts[index]!.trim()
    return text === '' ? [] : [{ start, end, text, ...(speaker && { speaker }) }]
  })
}

/** The changes since a draft was sent, as a new draft based on the sent text. */
export function changedSince(sent: Draft, now: Draft): Draft {
  const base = sent.base.map((segment, index) => ({ ...segment, text: sent.texts[index]!.trim() }))
  return {
    ...now,
    base,
    texts: now.texts.map((text, index) => (text === sent.texts[index] ? base[index]!.text : text)),
  }
}

/**
 * Moves the changes of a draft to a later version of the transcript. Lines that begin at the same time are the same line. If both sides have
 * changed a line, the draft keeps its own text and the line is a conflict.
 * @returns also the changed texts whose line no longer exists.
 */
export function rebase(
  draft: Draft,
  theirs: readonly Segment[],
  tag: string,
): { draft: Draft; conflicts: Conflict[]; lost: string[] } {
  const theirKeys = lineKeys(theirs)
  const indexOf = new Map(theirKeys.map((key, index) => [key, index]))
  let moved = beginDraft(theirs, tag)
  const conflicts: Conflict[] = []
  const lost: string[] = []
  for (const [at, key] of lineKeys(draft.base).entries()) {
    const before = draft.base[at]!.text
    const mine = draft.texts[at]!
    if (mine === before) continue
    const index = indexOf.get(key)
    if (index === undefined) {
      if (mine.trim()) lost.push(mine)
      continue
    }
    const other = theirs[index]!.text
    if (other !== before && other !== mine) conflicts.push({ index, mine, theirs: other })
    moved = changeLine(moved, index, mine)
  }
  return { draft: moved, conflicts, lost }
}

/** A key for each line: its start, and its place among the lines that start at the same time. */
function lineKeys(segments: readonly Segment[]): string[] {
  const counts = new Map<number, number>()
  return segments.map(({ start }) => {
    const count = counts.get(start) ?? 0
    counts.set(start, count + 1)
    return `${start} ${count}`
  })
}
