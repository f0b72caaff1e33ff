import t from 'tap'
import { runsOf, withoutHallucinations } from '../../src/processing/speech/hallucinations.ts'
import type { SpeechResult, SpeechSegment } from '../../src/processing/speech/speech-to-text.ts'

const segment = (start: number, end: number, text: string, more: Partial<SpeechSegment> = {}) => ({
  start,
  end,
  text,
  ...more,
})
const heard = (segments: SpeechSegment[]): SpeechResult => ({
  language: 'en',
  text: segments.map(({ text }) => text).join(' '),
  segments,
  words: [],
})
const SPEECH = 'We met on Monday, and everybody was there.'

const cases: [name: string, SpeechSegment, reason: string | undefined][] = [
  ['speech', segment(10, 14, SPEECH, { noSpeech: 0.1, logProbability: -0.2, compression: 1.1 }), undefined],
  ['speech that the service tells nothing of', segment(10, 14, SPEECH), undefined],
  [
    'no speech, said with certainty',
    segment(10, 14, SPEECH, { noSpeech: 0.9, logProbability: -0.3 }),
    undefined,
  ],
  ['uncertain speech', segment(10, 14, SPEECH, { noSpeech: 0.5, logProbability: -1.5 }), undefined],
  [
    'no speech, and uncertain',
    segment(10, 14, SPEECH, { noSpeech: 0.61, logProbability: -1.01 }),
    'no_speech',
  ],
  ['what compresses too well', segment(10, 14, SPEECH, { compression: 2.41 }), 'repetition'],
  ['what just does not', segment(10, 14, SPEECH, { compression: 2.4 }), undefined],
  ['the same again and again', segment(10, 40, 'Thank you. '.repeat(40).trim()), 'repetition'],
  ['one word again and again', segment(10, 14, 'so so so so so so so', { compression: 1 }), 'repetition'],
  ['emphasis', segment(10, 14, 'No, no, no, no! Not that one.'), undefined],
  ['a text in measured silence', segment(51.5, 58, 'Subtitles by nobody'), 'silence'],
  ['a text at the edge of it', segment(49, 52, 'Good night.'), undefined],
  ['a text that a model put a little beside its place', segment(50.5, 51.2, 'Yes.'), undefined],
  ['a text in the silence at the end', segment(95, 99.9, 'Thank you.'), 'silence'],
  ['a text that ends behind the end', segment(95, 130, 'Thank you.'), 'silence'],
  ['a text in the silence at the beginning', segment(0, 3, 'Thank you.'), 'silence'],
]
for (const [name, one, reason] of cases) {
  t.test(`${name} is ${reason ? `dropped as ${reason}` : 'kept'}`, async t => {
    const silences = [
      [0, 5],
      [50, 60],
      [90, 100],
    ] as const
    const { result: kept, dropped } = withoutHallucinations(heard([one]), silences, 100)
    t.same(kept.segments, reason ? [] : [one])
    const { start, end, text } = one
    t.same(dropped, reason ? [{ start, end, text, reason }] : [])
  })
}

t.test('of many segments in a row that say the same, one is left', async t => {
  const lines = Array.from({ length: 8 }, (_, n) =>
    segment(n * 3, n * 3 + 2, n % 2 ? 'Thank you.' : 'thank you'),
  )
  const { result: kept, dropped } = withoutHallucinations(
    heard([...lines, segment(30, 31, 'Really.')]),
    [],
    40,
  )
  t.same(
    kept.segments.map(({ text }) => text),
    ['thank you', 'Really.'],
  )
  t.equal(dropped.length, 7)
  t.ok(dropped.every(({ reason }) => reason === 'repetition'))
  const few = heard(lines.slice(0, 4))
  t.same(withoutHallucinations(few, [], 40), { result: few, dropped: [] })
})

t.test('a text without times loses what it repeats, and nothing else', async t => {
  const text = `Hello all. ${'Thank you for watching. '.repeat(9)}And good bye, bye, bye.`
  const { result: kept, dropped } = withoutHallucinations(
    { language: null, text, segments: [], words: [] },
    [],
    60,
  )
  t.equal(kept.text, 'Hello all. Thank you for watching. And good bye, bye, bye.')
  t.same(dropped, [
    { start: 0, end: 60, text: 'Thank you for watching. '.repeat(8).trim(), reason: 'repetition' },
  ])
})

t.test('finds repetition, and none where there is none', async t => {
  t.same(runsOf([...'abababababab']), [{ from: 0, to: 12, phrase: 2 }])
  t.same(runsOf([...'xabcdabcdabcdabcdy']), [{ from: 1, to: 17, phrase: 4 }])
  t.same(runsOf([...'aaaaaaxbbbbbb']), [
    { from: 0, to: 6, phrase: 1 },
    { from: 7, to: 13, phrase: 1 },
  ])
  t.same(runsOf([...'abcabcabc']), [])
  t.same(runsOf([]), [])
  const distinct = Array.from({ length: 20_000 }, (_, n) => `w${n % 500}`)
  t.same(runsOf(distinct), [])
})
