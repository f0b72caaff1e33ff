import { deepEqual, equal, ok } from 'node:assert/strict'
import fc from 'fast-check'
import t, { type Test } from 'tap'
import type { Segment } from '../../src/page/api/types.ts'
import { exactClock, parseClock } from '../../src/page/watch/exact-clock.ts'
import {
  changeLine,
  mergeWithNext,
  renameSpeaker,
  replaceAll,
  splitLine,
} from '../../src/page/watch/line-changes.ts'
import { changedSince, chooseLines, rebase } from '../../src/page/watch/rebase-draft.ts'
import {
  beginDraft,
  type Draft,
  editedSegments,
  isChanged,
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
  changes.reduce((now, [line, text]) => changeLine(now, line % now.lines.length, { text }), draft)

const textsOf = ({ lines }: Draft) => lines.map(({ text }) => text)

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
      deepEqual(textsOf(moved.draft), textsOf(draft))
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
        const typed = textsOf(draft).filter(text => text.startsWith('typed'))
        const found = [...textsOf(moved.draft).filter(text => text.startsWith('typed')), ...moved.lost]
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
        const [mine, their] = [draft.lines[index]!.text, at(theirs, start)]
        const both = mine !== text && their !== undefined && their !== text && their !== mine
        return both ? [{ start, mine, theirs: their }] : []
      })
      deepEqual(
        conflicts.map(({ mine, theirs }) => ({
          start: theirs[0]!.start,
          mine: mine[0]!.text,
          theirs: theirs[0]!.text,
        })),
        expected,
      )
      for (const { key, mine, theirs } of conflicts) {
        deepEqual(
          moved.lines.filter(({ conflict }) => conflict === key),
          mine,
        )
        equal(at(editedSegments(chooseLines(moved, key, theirs)), theirs[0]!.start), theirs[0]!.text)
      }
    }),
  )

  await t.test('can be undone to the later version, and redone', async t =>
    holds(t, fc.tuple(distinct, edits, edits), ([base, one, other]) => {
      const theirs = saved(base, other)
      let { draft } = rebase(apply(beginDraft(base, '1'), one), theirs, '2')
      const texts = textsOf(draft)
      while (draft.done.length > 0) draft = undo(draft)
      ok(!isChanged(draft))
      while (draft.undone.length > 0) draft = redo(draft)
      deepEqual(textsOf(draft), texts)
    }),
  )

  await t.test('keeps what was typed while it was being saved', async t =>
    holds(t, fc.tuple(distinct, edits, edits), ([base, before, meanwhile]) => {
      const sent = apply(beginDraft(base, '1'), before)
      const now = apply(sent, meanwhile)
      const { draft, conflicts, lost } = rebase(changedSince(sent, now), editedSegments(sent), '2')
      deepEqual(conflicts, [])
      for (const [index, { start }] of base.entries()) {
        const { text } = now.lines[index]!
        if (text === sent.lines[index]!.text || !text.trim()) continue
        const line = draft.base.findIndex(each => each.start === start)
        ok(line < 0 ? lost.includes(text) : draft.lines[line]!.text === text)
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
    t.same(textsOf(rebase(draft, base, '2').draft), ['first', 'second'])
  })
})

const base: readonly Segment[] = [
  { start: 0, end: 2, text: 'apple bread', speaker: 'A' },
  {
    start: 3,
    end: 6,
    text: 'cloud lemon river',
    speaker: 'B',
    words: [
      { start: 3, end: 3.5, text: 'cloud' },
      { start: 4.2, end: 4.5, text: 'lemon' },
      { start: 5, end: 6, text: 'river' },
    ],
  },
  { start: 8, end: 9, text: 'stone', speaker: 'A' },
]
const begin = () => beginDraft(base, '1')
const linesOf = (draft: Draft) =>
  editedSegments(draft).map(({ start, end, text, speaker }) => [start, end, text, speaker])
const original = linesOf(begin())

t.test('lines can be split, joined and given other times', async t => {
  t.same(
    linesOf(splitLine(begin(), 1, 'cloud '.length)).slice(1, 3),
    [
      [3, 4.2, 'cloud', 'B'],
      [4.2, 6, 'lemon river', 'B'],
    ],
    'at the time of the word',
  )
  t.same(
    linesOf(splitLine(begin(), 0, 'apple'.length)).slice(0, 2),
    [
      [0, 0.91, 'apple', 'A'],
      [0.91, 2, 'bread', 'A'],
    ],
    'in proportion to the letters if the times of the words are unknown',
  )
  t.same(linesOf(splitLine(begin(), 0, 0)), original, 'nothing to divide')
  t.same(linesOf(mergeWithNext(begin(), 0))[0], [0, 6, 'apple bread cloud lemon river', 'A'])
  const unspaced = beginDraft(
    [
      { start: 0, end: 1, text: '今日は' },
      { start: 1, end: 2, text: '晴れ' },
    ],
    '1',
  )
  t.equal(linesOf(mergeWithNext(unspaced, 0))[0]![2], '今日は晴れ')
  t.same(linesOf(changeLine(begin(), 1, { start: 99, end: 4 }))[1]!.slice(0, 2), [8, 8], 'in their order')
  for (const changed of [
    splitLine(begin(), 1, 6),
    mergeWithNext(begin(), 0),
    renameSpeaker(begin(), 'A', 'C'),
  ]) {
    t.ok(isChanged(changed))
    t.same(linesOf(undo(changed)), original)
    t.same(linesOf(redo(undo(changed))), linesOf(changed))
  }
})

t.test('times are shown to the hundredth, and read as people write them', async t => {
  t.equal(exactClock(3723.456), '1:02:03.46')
  t.equal(exactClock(59.999), '1:00.00')
  const read = { '1:02:03.46': 3723.46, '2:03': 123, '3.4': 3.4, '0:05,5': 5.5, ' 7 ': 7 }
  for (const [text, seconds] of Object.entries(read)) t.equal(parseClock(text), seconds, text)
  for (const text of ['', 'x', '1:2:3:4', '1.5:20', '-1', ':']) t.equal(parseClock(text), undefined, text)
})

t.test('words and names are replaced in all lines as one change', async t => {
  const replaced = replaceAll(begin(), /o/giu, '$&0')
  t.same(textsOf(replaced), ['apple bread', 'cl$&0ud lem$&0n river', 'st$&0ne'])
  t.same(linesOf(undo(replaced)), original)
  const renamed = renameSpeaker(begin(), 'A', 'Ann')
  t.same(
    renamed.lines.map(({ speaker }) => speaker),
    ['Ann', 'B', 'Ann'],
  )
  t.same(linesOf(undo(renamed)), original)
})

t.test('changes of the lines themselves are moved to a later version', async t => {
  const renamedByThem = base.map(line => ({ ...line, speaker: `${line.speaker}!` }))
  const split = rebase(splitLine(begin(), 1, 6), renamedByThem, '2')
  t.same(
    linesOf(split.draft).slice(1, 3),
    [
      [3, 4.2, 'cloud', 'B!'],
      [4.2, 6, 'lemon river', 'B!'],
    ],
    'names of another user are kept',
  )
  t.same([split.conflicts, split.lost], [[], []])

  const edited = base.with(1, { ...base[1]!, text: 'Clouds.' })
  const joined = rebase(mergeWithNext(begin(), 0), edited, '2')
  t.equal(joined.conflicts.length, 1)
  const { key, mine, theirs } = joined.conflicts[0]!
  t.same([mine.length, theirs.length], [1, 2])
  t.same(linesOf(joined.draft)[0]![2], 'apple bread cloud lemon river', 'the own text is kept')
  t.same(linesOf(chooseLines(joined.draft, key, theirs)), linesOf(beginDraft(edited, '2')))
  t.same(linesOf(chooseLines(chooseLines(joined.draft, key, theirs), key, mine)), linesOf(joined.draft))

  const retimed = rebase(changeLine(begin(), 1, { start: 3.5 }), edited, '2')
  t.same(linesOf(retimed.draft)[1], [3.5, 6, 'Clouds.', 'B'], 'text and times are separate changes')
  t.same(retimed.conflicts, [])

  t.same(rebase(mergeWithNext(begin(), 0), base.slice(1), '2').lost, ['apple bread cloud lemon river'])
})

t.test('lines that were split while a draft was being saved stay split', async t => {
  const sent = changeLine(begin(), 0, { text: 'Apples' })
  const now = splitLine(sent, 1, 6)
  const saved = editedSegments(sent)
  const { draft, conflicts, lost } = rebase(changedSince(sent, now), saved, '2')
  t.same(linesOf(draft), linesOf(now))
  t.same([conflicts, lost], [[], []])
  t.ok(isChanged(draft))
  t.notOk(isChanged(rebase(changedSince(sent, sent), saved, '2').draft))
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
