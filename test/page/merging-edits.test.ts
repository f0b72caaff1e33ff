import { deepEqual, equal, ok } from 'node:assert/strict'
import fc from 'fast-check'
import t, { type Test } from 'tap'
import type { Segment } from '../../src/page/api/types.ts'
import {
  beginDraft,
  changedSince,
  changeLine,
  type Draft,
  editedSegments,
  isChanged,
  rebase,
  redo,
  undo,
} from '../../src/page/watch/transcript-draft.ts'
import { changesOf, rebaseDetails, type VideoDetails } from '../../src/page/watch/video-details.ts'

type Edits = readonly (readonly [line: number, text: string])[]

/** Transcripts whose lines start at least `leastGap` seconds after the previous line. */
const transcripts = (leastGap: number) =>
  fc
    .array(fc.tuple(fc.integer({ min: leastGap, max: 3 }), fc.constantFrom('a', 'b', 'c')), {
      minLength: 1,
      maxLength: 8,
    })
    .map(lines => {
      let start = 0
      return lines.map(([gap, text]): Segment => {
        start += gap
        return { start, end: start + 1, text }
      })
    })
const distinct = transcripts(1)
/** Two speakers can start at the same time. */
const overlapping = transcripts(0)
/** Few different texts, so two users often write the same. A blank text deletes its line. */
const edits = fc.array(fc.tuple(fc.nat(), fc.constantFrom('a', 'b', 'c', 'd e', ' c ', '', ' ')), {
  maxLength: 8,
})
const inserted = fc.array(fc.nat({ max: 20 }), { maxLength: 3 })

const apply = (draft: Draft, changes: Edits) =>
  changes.reduce((now, [line, text]) => changeLine(now, line % now.base.length, text), draft)

/** The server's version after someone has saved these edits, with new lines between the others. */
function saved(base: readonly Segment[], changes: Edits, between: readonly number[] = []): Segment[] {
  const added = between.map(start => ({ start: start + 0.5, end: start + 1, text: 'new' }))
  return [...editedSegments(apply(beginDraft(base, '1'), changes)), ...added].sort(
    (one, other) => one.start - other.start,
  )
}

/** Checks many generated values. Fails with the smallest value for which `check` throws. */
function holds<T>(t: Test, arbitrary: fc.Arbitrary<T>, check: (value: T) => void): void {
  t.doesNotThrow(() => fc.assert(fc.property(arbitrary, check), { numRuns: 500 }))
}

const at = (lines: readonly Segment[], start: number) => lines.find(line => line.start === start)?.text

t.test('a draft of a transcript that is moved to a later version', async t => {
  await t.test('stays as it is if nothing has changed', async t =>
    holds(t, fc.tuple(overlapping, edits), ([base, changes]) => {
      const draft = apply(beginDraft(base, '1'), changes)
      const moved = rebase(draft, base, '2')
      deepEqual(moved.draft.texts, draft.texts)
      deepEqual([moved.conflicts, moved.lost, moved.draft.tag], [[], [], '2'])
    }),
  )

  await t.test('is the later version if nothing was edited', async t =>
    holds(t, fc.tuple(overlapping, edits, inserted), ([base, changes, between]) => {
      const theirs = saved(base, changes, between)
      const { draft, conflicts, lost } = rebase(beginDraft(base, '1'), theirs, '2')
      deepEqual(draft.base, theirs)
      deepEqual([isChanged(draft), conflicts, lost], [false, [], []])
    }),
  )

  await t.test('does not depend on who saves first, if two users have edited different lines', async t =>
    holds(t, fc.tuple(distinct, edits, edits), ([base, one, other]) => {
      const even = one.filter(([line]) => (line % base.length) % 2 === 0)
      const odd = other.filter(([line]) => (line % base.length) % 2 === 1)
      const later = rebase(apply(beginDraft(base, '1'), odd), saved(base, even), '2')
      const reverse = rebase(apply(beginDraft(base, '1'), even), saved(base, odd), '2')
      deepEqual(editedSegments(later.draft), editedSegments(reverse.draft))
      deepEqual([later.conflicts, later.lost, reverse.conflicts, reverse.lost], [[], [], [], []])
    }),
  )

  await t.test('keeps every line that was typed, or names it as lost', async t =>
    holds(
      t,
      fc.tuple(overlapping, fc.array(fc.nat()), edits, inserted),
      ([base, lines, changes, between]) => {
        const mine = lines.map((line, index) => [line, `typed ${index}`] as const)
        const draft = apply(beginDraft(base, '1'), mine)
        const moved = rebase(draft, saved(base, changes, between), '2')
        const typed = draft.texts.filter(text => text.startsWith('typed'))
        const found = [...moved.draft.texts.filter(text => text.startsWith('typed')), ...moved.lost]
        deepEqual(found.sort(), typed.sort())
      },
    ),
  )

  await t.test('has a conflict for each line that both users have changed, and for no other', async t =>
    holds(t, fc.tuple(distinct, edits, edits, inserted), ([base, one, other, between]) => {
      const theirs = saved(base, other, between)
      const draft = apply(beginDraft(base, '1'), one)
      const { draft: moved, conflicts } = rebase(draft, theirs, '2')
      const expected = base.flatMap(({ start, text }, index) => {
        const [mine, their] = [draft.texts[index]!, at(theirs, start)]
        const both = mine !== text && their !== undefined && their !== text && their !== mine
        return both ? [{ index: theirs.findIndex(line => line.start === start), mine, theirs: their }] : []
      })
      deepEqual(conflicts, expected)
      for (const { index, mine } of conflicts) equal(moved.texts[index], mine)
    }),
  )

  await t.test('can be undone to the later version, and redone', async t =>
    holds(t, fc.tuple(distinct, edits, edits), ([base, one, other]) => {
      const theirs = saved(base, other)
      let { draft } = rebase(apply(beginDraft(base, '1'), one), theirs, '2')
      const { texts } = draft
      while (draft.done.length > 0) draft = undo(draft)
      ok(!isChanged(draft))
      while (draft.undone.length > 0) draft = redo(draft)
      deepEqual(draft.texts, texts)
    }),
  )

  await t.test('keeps what was typed while it was being saved', async t =>
    holds(t, fc.tuple(distinct, edits, edits), ([base, before, meanwhile]) => {
      const sent = apply(beginDraft(base, '1'), before)
      const now = apply(sent, meanwhile)
      const { draft, conflicts, lost } = rebase(changedSince(sent, now), editedSegments(sent), '2')
      deepEqual(conflicts, [])
      for (const [index, { start }] of base.entries()) {
        const text = now.texts[index]!
        if (text === sent.texts[index] || !text.trim()) continue
        const line = draft.base.findIndex(each => each.start === start)
        ok(line < 0 ? lost.includes(text) : draft.texts[line] === text)
      }
      if (now === sent) ok(!isChanged(draft))
    }),
  )

  await t.test('distinguishes lines that start at the same time', async t => {
    const base = ['one', 'two'].map(text => ({ start: 1, end: 2, text }))
    const draft = apply(beginDraft(base, '1'), [
      [0, 'first'],
      [1, 'second'],
    ])
    t.same(rebase(draft, base, '2').draft.texts, ['first', 'second'])
  })
})

const word = fc.constantFrom('', 'a', 'b', 'c, d')
const details: fc.Arbitrary<VideoDetails> = fc.record(
  { title: word, description: word, tags: word, language: word },
  { noNullPrototype: true },
)
const FIELDS = ['title', 'description', 'tags', 'language'] as const

t.test('edited details of a video that are moved to a later version', async t => {
  await t.test('stay as they are if nothing has changed', async t =>
    holds(t, fc.tuple(details, details), ([base, mine]) => {
      const moved = rebaseDetails(
        { base: { value: base, tag: '1' }, details: mine },
        { value: base, tag: '2' },
      )
      deepEqual([moved.draft.details, moved.conflicts, moved.draft.base.tag], [mine, [], '2'])
    }),
  )

  await t.test(
    'keep the edited fields, update the others, and have a conflict for each field that both users have edited',
    async t =>
      holds(t, fc.tuple(details, details, details), ([base, mine, theirs]) => {
        const latest = { value: theirs, tag: '2' }
        const { draft, conflicts } = rebaseDetails({ base: { value: base, tag: '1' }, details: mine }, latest)
        for (const field of FIELDS) {
          const isMine = mine[field] !== base[field]
          equal(draft.details[field], isMine ? mine[field] : theirs[field])
          const both = isMine && theirs[field] !== base[field] && theirs[field] !== mine[field]
          deepEqual(
            conflicts.filter(each => each.field === field),
            both ? [{ field, mine: mine[field], theirs: theirs[field] }] : [],
          )
        }
        deepEqual(draft.base, latest)
      }),
  )

  await t.test('send only the fields that differ from the server’s version', async t =>
    holds(t, fc.tuple(details, details), ([base, mine]) => {
      const expected = FIELDS.filter(field => base[field] !== mine[field])
      deepEqual(Object.keys(changesOf(base, mine)), expected)
    }),
  )
})
