import t from 'tap'
import { retime } from '../../src/videos/transcripts/retime.ts'

const segments = [
  { start: 0, end: 2, text: 'apple bread cloud' },
  { start: 2.5, end: 4, text: 'drum eagle' },
  { start: 5, end: 9, text: 'forest garden hill island' },
]
/** The texts by segment; a segment that is gone is undefined. */
function edited(text: string): (string | undefined)[] {
  const result = retime(segments, text)
  return segments.map(
    ({ start, end }) => result.find(segment => segment.start === start && segment.end === end)?.text,
  )
}

t.test('an unchanged text changes nothing, however it is spaced', async t => {
  const text = segments.map(segment => segment.text).join(' ')
  t.same(retime(segments, text), segments)
  t.same(retime(segments, ` ${text.replaceAll(' ', '\n\n \t')}\n`), segments)
})

t.test('a word put in goes with the one before it', async t => {
  t.same(edited('apple new bread cloud drum eagle forest garden hill island'), [
    'apple new bread cloud',
    'drum eagle',
    segments[2]!.text,
  ])
  t.same(edited('apple bread cloud new drum eagle forest garden hill island')[0], 'apple bread cloud new')
  t.same(edited('new apple bread cloud drum eagle forest garden hill island')[0], 'new apple bread cloud')
  t.same(
    edited('apple bread cloud drum eagle forest garden hill island and so on')[2],
    'forest garden hill island and so on',
  )
})

t.test('a word taken out is gone, and so is a segment without words', async t => {
  t.same(edited('apple cloud drum eagle forest garden hill island'), [
    'apple cloud',
    'drum eagle',
    segments[2]!.text,
  ])
  t.same(edited('apple bread cloud forest garden hill island'), [
    'apple bread cloud',
    undefined,
    segments[2]!.text,
  ])
  t.same(edited(''), [undefined, undefined, undefined])
  t.same(edited(' \n'), [undefined, undefined, undefined])
})

t.test('a word that replaces another takes its place', async t => {
  t.same(edited('APPLE bread cloud drum eagle forest garden hill island')[0], 'APPLE bread cloud')
  t.same(edited('apple bread cloud DRUM eagle forest garden hill island'), [
    'apple bread cloud',
    'DRUM eagle',
    segments[2]!.text,
  ])
  t.same(edited('apple bread cloud drum EAGLE forest garden hill ISLAND AND MORE'), [
    'apple bread cloud',
    'drum EAGLE',
    'forest garden hill ISLAND AND MORE',
  ])
})

t.test('a text that is all new is spread over all segments', async t => {
  t.same(edited('a b c d e f g h i'), ['a b c', 'd e', 'f g h i'])
  t.same(edited('a b c'), ['a', 'b', 'c'])
})

t.test('the words come in their order, none is lost, and none is made up', async t => {
  const vocabulary = segments.flatMap(segment => segment.text.split(' '))
  // A fixed pseudo-random sequence: a failure can be seen again.
  let state = 1
  const random = (below: number) => {
    state = (state * 48_271) % 2_147_483_647
    return state % below
  }
  for (let round = 0; round < 2000; round++) {
    const words = vocabulary.flatMap(word => [[word], [word], [], ['x', word], ['y']][random(5)]!)
    const result = retime(segments, words.join(' '))
    const text = result.map(segment => segment.text).join(' ')
    if (text !== words.join(' ')) t.equal(text, words.join(' '))
    for (const { start } of result) if (!segments.some(segment => segment.start === start)) t.fail(`${start}`)
    const unchanged = words.filter(word => word.length > 1)
    for (const word of unchanged) {
      const home = segments.find(segment => segment.text.includes(word))
      const place = result.find(segment => segment.text.split(' ').includes(word))
      if (home?.start !== place?.start) t.fail(`${word} is at ${place?.start} in ${words.join(' ')}`)
    }
  }
  t.same(
    edited(vocabulary.join(' ')),
    segments.map(segment => segment.text),
  )
})

t.test('bears segments without words, and more words than are compared', async t => {
  const blank = [
    { start: 0, end: 1, text: '' },
    { start: 1, end: 2, text: ' ' },
  ]
  t.same(retime(blank, 'a b'), [{ start: 0, end: 1, text: 'a b' }])
  const many = Array.from({ length: 5000 }, (_, n) => `w${n}`).join(' ')
  t.same(retime(blank, many), [{ start: 0, end: 1, text: many }])
  t.same(retime([], ''), [])
  const spread = retime(segments, many)
  t.equal(spread.map(segment => segment.text).join(' '), many)
  t.equal(spread.length, 3)
})
