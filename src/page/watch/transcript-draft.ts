import type { Segment } from '../api/types.ts'

interface Change {
  readonly index: number
  readonly before: string
  readonly after: string
}

/** A transcript that is being edited. `base` is what the server has under `tag`. */
export interface Draft {
  readonly base: readonly Segment[]
  readonly tag: string
  /** As they are to be; a blank one takes its segment away. */
  readonly texts: readonly string[]
  readonly done: readonly Change[]
  readonly undone: readonly Change[]
}

/** What is changed and not saved, by the transcript's link: it outlives the view, so that nothing is lost by looking elsewhere. */
export const unsaved = new Map<string, Draft>()

/** A line that somebody else has changed as well. */
export interface Conflict {
  readonly index: number
  readonly mine: string
  readonly theirs: string
}

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

/** What was changed in a draft after it was sent to be saved, on top of what was sent. */
export function changedSince(sent: Draft, now: Draft): Draft {
  const base = sent.base.map((segment, index) => ({ ...segment, text: sent.texts[index]!.trim() }))
  return {
    ...now,
    base,
    texts: now.texts.map((text, index) => (text === sent.texts[index] ? base[index]!.text : text)),
  }
}

/**
 * Moves the changes of a draft over to what somebody else has saved meanwhile. Lines are the same where they begin at the same time.
 * Where both have changed a line the draft keeps its own, and the conflict is told.
 * @returns also the changed lines that are no longer there.
 */
export function rebase(
  draft: Draft,
  theirs: readonly Segment[],
  tag: string,
): { draft: Draft; conflicts: Conflict[]; lost: string[] } {
  const indexOf = new Map(theirs.map(({ start }, index) => [start, index]))
  let moved = beginDraft(theirs, tag)
  const conflicts: Conflict[] = []
  const lost: string[] = []
  for (const [at, segment] of draft.base.entries()) {
    const mine = draft.texts[at]!
    if (mine === segment.text) continue
    const index = indexOf.get(segment.start)
    if (index === undefined) {
      if (mine.trim()) lost.push(mine)
      continue
    }
    const other = theirs[index]!.text
    if (other !== segment.text && other !== mine) conflicts.push({ index, mine, theirs: other })
    moved = changeLine(moved, index, mine)
  }
  return { draft: moved, conflicts, lost }
}
