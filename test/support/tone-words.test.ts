import t from 'tap'
import { hearWords, renderWords, SAMPLE_RATE, spokenText, VOCABULARY } from './tone-words.ts'

/** The same pseudo-random samples in every run, from -1 to 1 (a linear congruential generator). */
function whiteNoise(seconds: number): Float32Array {
  let state = 1
  return Float32Array.from({ length: seconds * SAMPLE_RATE }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 31 - 1
  })
}

function tones(...frequencies: number[]): Float32Array {
  return Float32Array.from({ length: 2 * SAMPLE_RATE }, (_, i) =>
    frequencies.reduce((sum, tone) => sum + 0.3 * Math.sin((2 * Math.PI * tone * i) / SAMPLE_RATE), 0),
  )
}

const said = VOCABULARY.map((word, i) => ({ word, start: i * 0.77 + 0.3 }))

t.test('every word is heard as itself, at its time', async t => {
  t.equal(new Set(VOCABULARY).size, 24)
  const heard = hearWords(renderWords(said, 20))
  t.equal(spokenText(said), heard.map(({ word }) => word).join(' '))
  for (const [i, { start, end }] of heard.entries()) {
    t.ok(
      Math.abs(start - said[i]!.start) <= 0.05 && Math.abs(end - said[i]!.start - 0.3) <= 0.05,
      `${start} to ${end}`,
    )
  }
})

t.test('words are heard through noise', async t => {
  const noise = whiteNoise(20)
  const pcm = Float32Array.from(renderWords(said, 20), (sample, i) => sample / 32_768 + 0.1 * noise[i]!)
  t.equal(
    hearWords(pcm)
      .map(({ word }) => word)
      .join(' '),
    spokenText(said),
  )
})

t.test('no word is invented', async t => {
  t.same(hearWords(new Int16Array(10 * SAMPLE_RATE)), [], 'in silence')
  const noise = whiteNoise(300)
  for (const loudness of [0.005, 0.1, 1]) {
    t.same(hearWords(noise.map(sample => sample * loudness)), [], `in white noise of ${loudness}`)
  }
  let last = 0
  t.same(hearWords(noise.map(sample => (last = 0.98 * last + 0.1 * sample))), [], 'in rumbling noise')
  const strangers = [
    [500],
    [500, 700],
    [1300, 3300],
    [600, 1900],
    [500, 900, 1700],
    [500, 1700, 2100],
    [440, 880],
  ]
  for (const pair of strangers) t.same(hearWords(tones(...pair)), [], `in tones of ${pair.join(' and ')} Hz`)
  t.match(hearWords(tones(500, 1700)), [{ word: 'apple' }], 'though a vocabulary pair made alike is a word')
})

t.test('a word that a cut leaves too little of is not heard', async t => {
  const pcm = renderWords([{ word: 'apple', start: 0.5 }], 1)
  const cutAt = (seconds: number) => Math.round(seconds * SAMPLE_RATE)
  t.same(hearWords(pcm.subarray(0, cutAt(0.6))), [])
  t.same(hearWords(pcm.subarray(cutAt(0.7))), [])
  t.match(hearWords(pcm.subarray(0, cutAt(0.7))), [{ word: 'apple' }])
})

t.test('what cannot be said is refused', async t => {
  t.throws(() => renderWords([{ word: 'xylophone', start: 0 }], 1), /not in the vocabulary/)
  t.throws(() => renderWords([{ word: 'apple', start: 0.8 }], 1), /overlaps/)
})
