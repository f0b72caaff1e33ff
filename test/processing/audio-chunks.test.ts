import t from 'tap'
import type { Silence } from '../../src/processing/media/extract-audio.ts'
import {
  type Chunk,
  isSilent,
  planChunks,
  speechShare,
  withoutSilentEnds,
} from '../../src/processing/speech/audio-chunks.ts'
import { joinChunks } from '../../src/processing/speech/join-chunks.ts'
import type { SpeechResult, SpeechSegment } from '../../src/processing/speech/speech-to-text.ts'

/** The same numbers in every run, from 0 to below 1. */
function randomNumbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 48_271) % 2_147_483_647
    return state / 2_147_483_647
  }
}

function randomSilences(random: () => number, duration: number): Silence[] {
  const silences: Silence[] = []
  const spread = 2 + random() * 200
  for (let at = random() * spread; at < duration; ) {
    const end = Math.min(duration, at + 0.3 + random() ** 4 * spread)
    silences.push([at, end])
    at = end + 0.01 + random() * spread
  }
  return silences
}

/** @returns what is wrong with a plan. */
function faultOf(chunks: readonly Chunk[], duration: number, max: number): string | undefined {
  const tolerance = 1e-6
  if (chunks[0]?.start !== 0 || chunks.at(-1)?.end !== duration) return 'does not begin or end with the audio'
  if (chunks.length > 2 + (duration / max) * 4) return `${chunks.length} chunks`
  for (const [index, { from, to, start, end }] of chunks.entries()) {
    if (to - from > max + tolerance) return `${to - from} s in one chunk`
    if (!(from >= 0 && from <= start && start < end && end <= to && to <= duration + tolerance))
      return `${from} ${start} ${end} ${to}`
    if (index > 0 && start !== chunks[index - 1]!.end) return `a gap at ${start}`
    // OpenAI refuses less.
    if (to - from < 0.1) return `only ${to - from} s`
  }
}

t.test('audio that fits is one chunk', async t => {
  for (const duration of [0.1, 10, 900])
    t.same(planChunks(duration, [[1, 2]], 900), [{ from: 0, to: duration, start: 0, end: duration }])
})

t.test('whatever the silences, every chunk fits and all chunks cover the audio', async t => {
  const random = randomNumbers(7)
  for (let round = 0; round < 5000; round++) {
    const max = 1 + random() * 1000
    const duration = 0.5 + random() * 8000
    const silences = random() < 0.2 ? [] : randomSilences(random, duration)
    const fault = faultOf(planChunks(duration, silences, max), duration, max)
    if (fault) t.fail(`${fault} (${JSON.stringify({ duration, max, silences: silences.slice(0, 5) })})`)
  }
  t.equal(faultOf(planChunks(100, [], 30), 100, 30), undefined)
  t.type(faultOf([{ from: 0, to: 100, start: 0, end: 100 }], 100, 30), 'string')
})

t.test(
  'a longer audio has the same chunks up to the last, and one that begins later the same ones later',
  async t => {
    const random = randomNumbers(11)
    for (let round = 0; round < 300; round++) {
      const max = 1 + random() * 200
      const duration = 10 + random() * 2000
      const silences = random() < 0.2 ? [] : randomSilences(random, duration + 500)
      const cutOff = silences.flatMap(([from, to]): Silence[] =>
        from < duration ? [[from, Math.min(to, duration)]] : [],
      )
      const chunks = planChunks(duration, cutOff, max)
      const longer = planChunks(duration + random() * 500, silences, max)
      if (JSON.stringify(longer.slice(0, chunks.length - 1)) !== JSON.stringify(chunks.slice(0, -1)))
        t.fail(`${JSON.stringify({ duration, max })}`)
      const delay = Math.round(random() * 100) / 1000
      const later = silences.map(([from, to]): Silence => [from + delay, to + delay])
      const delayed = planChunks(duration + delay, later, max, delay)
      const same = planChunks(duration, silences, max).every(
        ({ from, to }, index) =>
          Math.abs(delayed[index]!.from - delay - from) < 1e-6 &&
          Math.abs(delayed[index]!.to - delay - to) < 1e-6,
      )
      if (!same) t.fail(`later by ${delay}: ${JSON.stringify({ duration, max })}`)
    }
  },
)

t.test('silences that make no sense end in a plan too', async t => {
  const odd: Silence[][] = [
    [[0, 1000]],
    [
      [-5, 2000],
      [3, 1],
    ],
    [
      [29.9999, 30.0001],
      [30, 30],
      [60, 60],
    ],
    [
      [500, 400],
      [Number.NaN, 7],
      [10, Number.POSITIVE_INFINITY],
    ],
    Array.from({ length: 10_000 }, (_, n): Silence => [n / 10, n / 10 + 0.05]),
  ]
  for (const silences of odd) {
    for (const max of [1, 29.99, 30, 999.99])
      t.equal(faultOf(planChunks(1000, silences, max), 1000, max), undefined)
  }
})

t.test('cuts in the middle of the longest silence that is late enough', async t => {
  const silences: Silence[] = [
    [2, 12],
    [40, 41],
    [52, 54],
    [58, 58.5],
  ]
  t.same(planChunks(100, silences, 60), [
    { from: 0, to: 53, start: 0, end: 53 },
    { from: 53, to: 100, start: 53, end: 100 },
  ])
})

t.test('overlaps where there is no silence to cut in', async t => {
  const [first, second] = planChunks(100, [], 60)
  t.same(first, { from: 0, to: 60, start: 0, end: 55 })
  t.same(second, { from: 50, to: 100, start: 55, end: 100 })
})

t.test('silent is what is silent from beginning to end', async t => {
  t.equal(isSilent(10, [[0, 10]]), true)
  t.equal(
    isSilent(10, [
      [0, 4],
      [4, 9.95],
    ]),
    true,
  )
  t.equal(isSilent(10, [[0, 9.5]]), false)
  t.equal(isSilent(10, []), false)
})

/** Words of 0.3 s, one after the other, each another. */
const speech: SpeechSegment[] = Array.from({ length: 500 }, (_, n) => ({
  start: n * 0.4,
  end: n * 0.4 + 0.3,
  text: `w${n}`,
}))
const DURATION = 200

/** What a service hears of a chunk: words cut in half at its edges as well, and each time a little wrong. */
function hear(chunk: Chunk, jitter: () => number, give: 'words' | 'segments' | 'text'): SpeechResult {
  const words = speech
    .filter(word => word.end - 0.12 > chunk.from && word.start + 0.12 < chunk.to)
    .map(word => {
      const shift = jitter() - chunk.from
      const start = Math.max(0, word.start + shift)
      return { start, end: Math.min(chunk.to - chunk.from, word.end + shift), text: word.text }
    })
  const segments: SpeechSegment[] = []
  for (let at = 0; at < words.length; at += 7) {
    const group = words.slice(at, at + 7)
    segments.push({
      start: group[0]!.start,
      end: group.at(-1)!.end,
      text: group.map(word => word.text).join(' '),
    })
  }
  const text = words.map(word => word.text).join(' ')
  if (give === 'segments') return { language: null, text, segments: words, words: [] }
  return give === 'text'
    ? { language: null, text, segments: [], words: [] }
    : { language: null, text, segments, words }
}

const all = speech.map(word => word.text).join(' ')
for (const give of ['words', 'segments', 'text'] as const) {
  t.test(`each word is taken once where chunks overlap: heard with ${give}`, async t => {
    const random = randomNumbers(3)
    let seams = 0
    for (let round = 0; round < 300; round++) {
      const chunks = planChunks(DURATION, [], 20 + random() * 100)
      const heard = chunks.map(chunk => hear(chunk, () => (random() - 0.5) * 0.1, give))
      const segments = joinChunks(chunks, heard)
      const text = segments.map(segment => segment.text).join(' ')
      const wrong = text.split(' ').findIndex((word, index) => word !== `w${index}`)
      if (text !== all)
        t.fail(
          `from word ${wrong} on: ${text
            .split(' ')
            .slice(wrong - 2, wrong + 4)
            .join(' ')}`,
        )
      for (const [index, { start, end }] of segments.entries()) {
        if (start > end || start < 0 || end > DURATION) t.fail(`${start} to ${end}`)
        if (start < (segments[index - 1]?.start ?? 0)) t.fail(`${start} comes after what is later`)
      }
      seams += chunks.length - 1
    }
    t.ok(seams > 300)
  })
}

t.test('what was said keeps its time, whichever chunk it was heard in', async t => {
  const chunks = planChunks(DURATION, [[90.35, 90.38]], 120)
  const segments = joinChunks(
    chunks,
    chunks.map(chunk => hear(chunk, () => 0, 'segments')),
  )
  t.equal(segments.length, speech.length)
  for (const [index, { start, end }] of segments.entries()) {
    if (Math.abs(start - speech[index]!.start) > 0.01) t.fail(`${start}, not ${speech[index]!.start}`)
    if (Math.abs(end - speech[index]!.end) > 0.19) t.fail(`${end}, not ${speech[index]!.end}`)
  }
})

t.test('what a service says was said behind the end is kept at the end', async t => {
  const chunks = planChunks(100, [[49, 51]], 60)
  const late = { start: 3000, end: 4000, text: 'late' }
  const segments = joinChunks(chunks, [
    { language: null, text: 'late', segments: [late], words: [] },
    { language: null, text: 'late', segments: [late], words: [] },
  ])
  t.same(segments, [
    { start: 50, end: 50, text: 'late' },
    { start: 100, end: 100, text: 'late' },
  ])
})

t.test('texts that do not meet are kept whole, and nothing heard is nothing', async t => {
  const chunks = planChunks(100, [], 60)
  const heard = (text: string): SpeechResult => ({ language: null, text, segments: [], words: [] })
  const texts = (...both: string[]) => joinChunks(chunks, both.map(heard)).map(segment => segment.text)
  t.same(texts('one two three', 'four five six'), ['one two three', 'four five six'])
  t.same(texts('', 'four'), ['four'])
  t.same(texts('', ''), [])
})

t.test('long silence at the ends of chunks is not sent, nor a chunk that is nothing else', async t => {
  const chunk = (from: number, to: number): Chunk => ({ from, to, start: from, end: to })
  const chunks = [chunk(0, 60), chunk(60, 120), chunk(120, 180), chunk(180, 200)]
  const silences: Silence[] = [
    [0, 9],
    [20, 50],
    [59, 61],
    [100, 145],
    [178, 200],
  ]
  t.same(withoutSilentEnds(chunks, silences), [
    chunk(0, 60),
    { from: 60, to: 100.5, start: 60, end: 120 },
    { from: 144.5, to: 180, start: 120, end: 180 },
  ])
  t.same(withoutSilentEnds([chunk(0, 30)], [[0, 12]]), [{ from: 11.5, to: 30, start: 0, end: 30 }])
  t.same(withoutSilentEnds([chunk(0, 30)], []), [chunk(0, 30)])
})

t.test('the share of speech is what segments tell of and what is not silent', async t => {
  const segment = (start: number, end: number) => ({ start, end, text: 'x' })
  const share = (segments: ReturnType<typeof segment>[], silences: Silence[] = []) =>
    Math.round(speechShare(100, silences, segments) * 1000) / 1000
  t.equal(share([]), 0)
  t.equal(share([segment(0, 100)]), 1)
  t.equal(share([segment(0, 30), segment(20, 40), segment(60, 110)]), 0.8)
  t.equal(
    share(
      [segment(0, 50), segment(50, 100)],
      [
        [10, 20],
        [45, 55],
        [90, 100],
      ],
    ),
    0.7,
  )
  t.equal(share([segment(10, 20)], [[0, 100]]), 0)
  t.equal(speechShare(0, [], [segment(0, 1)]), 0)
})

t.test(
  'words with times but without segments become segments, as sentences and pauses part them',
  async t => {
    const chunks = planChunks(20, [], 100)
    const word = (start: number, text: string) => ({ start, end: start + 0.5, text })
    const words = [
      word(1, 'Good'),
      word(1.5, 'morning'),
      word(2, 'all'),
      word(5, 'first'),
      word(5.5, 'point'),
    ]
    const segments = joinChunks(chunks, [
      { language: null, text: 'Good morning, all. First point', segments: [], words },
    ])
    t.match(segments, [
      { start: 1, end: 2.5, text: 'Good morning, all.' },
      { start: 5, end: 6, text: 'First point', words: [word(5, 'First'), word(5.5, 'point')] },
    ])
  },
)

t.test('a segment that a seam parts keeps its punctuation, its speaker and its script', async t => {
  const chunks: Chunk[] = [
    { from: 0, to: 10, start: 0, end: 8 },
    { from: 6, to: 16, start: 8, end: 16 },
  ]
  const word = (start: number, text: string) => ({ start, end: start + 0.4, text })
  const first = [word(6, '今日'), word(7, 'は'), word(9, '天気')]
  const second = [word(0, '今日'), word(1, 'は'), word(3, '天気'), word(4, 'です')]
  const heard = (words: typeof first): SpeechResult => ({
    language: 'ja',
    text: '',
    segments: [
      {
        start: words[0]!.start,
        end: words.at(-1)!.end,
        text: `${words.map(one => one.text).join('')}。`,
        speaker: 'A',
      },
    ],
    words,
  })
  t.match(joinChunks(chunks, [heard(first), heard(second)]), [
    { start: 6, end: 7.4, text: '今日は', speaker: 'A' },
    { start: 9, end: 10.4, text: '天気です。', speaker: 'A' },
  ])
})
