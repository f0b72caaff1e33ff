import t from 'tap'
import { recognizeWords } from '../../src/processing/speech/builtin/recognize-words.ts'
import { sentencesOf } from '../../src/processing/speech/builtin/recognized-words.ts'

const RATE_HZ = 16_000

/** A tone that changes its level. @param parts seconds and amplitude of each part. */
function sound(...parts: readonly (readonly [seconds: number, amplitude: number])[]) {
  const samples = parts.flatMap(([seconds, amplitude]) =>
    Array.from({ length: seconds * RATE_HZ }, (_, at) => amplitude * Math.sin(at / 5)),
  )
  return { samples: Float32Array.from(samples), rate: RATE_HZ }
}

/** A recognizer that finds one word a second, and stops after some of them. */
function recognizer(...counts: readonly number[]) {
  const calls: { seconds: number; language: string }[] = []
  return {
    calls,
    async recognize(samples: Float32Array, rate: number, language: string) {
      const count = counts[calls.length] ?? 0
      calls.push({ seconds: samples.length / rate, language })
      return {
        lang: language || 'es',
        tokens: Array.from({ length: count }, (_, at) => `\u0120w${calls.length}${at}`),
        timestamps: Array.from({ length: count }, (_, at) => at),
        durations: Array.from({ length: count }, () => 1),
      }
    },
  }
}

t.test('what a model leaves out at the end is recognized again', async t => {
  const stopping = recognizer(7, 5, 3)
  const { words, language } = await recognizeWords(stopping, sound([15, 0.3]), '')
  t.same(stopping.calls, [
    { seconds: 15, language: '' },
    { seconds: 8, language: 'es' },
    { seconds: 3, language: 'es' },
  ])
  t.equal(language, 'es')
  t.same(
    words.map(({ start }) => Math.round(start)),
    Array.from({ length: 15 }, (_, at) => at),
  )
  t.match(
    [words[6], words[7]],
    [
      { text: ' w16', end: 7 },
      { text: ' w20', end: 8 },
    ],
  )
})

t.test('a last word that lasts to the end of the audio ends with its segment', async t => {
  const calls: number[] = []
  const stopping = {
    async recognize(samples: Float32Array, rate: number) {
      calls.push(samples.length / rate)
      const result = { lang: 'es', tokens: ['\u0120w1', '\u0120w2'], timestamps: [0, 3], durations: [3, 12] }
      return { ...result, segment_timestamps: [0, 3], segment_durations: [3, calls.length === 1 ? 5 : 12] }
    },
  }
  const { words } = await recognizeWords(stopping, sound([15, 0.3]), 'es')
  t.same(calls, [15, 7])
  t.match(words, [{ end: 3 }, { end: 8 }, {}, { end: 15 }])
})

t.test('quiet sound after the last word is not recognized again', async t => {
  for (const rest of [
    [8, 0],
    [8, 0.01],
    [0.9, 0.3],
  ] as const) {
    const whole = recognizer(7, 5)
    await recognizeWords(whole, sound([7, 0.3], rest), 'es')
    t.equal(whole.calls.length, 1, `${rest}`)
  }
})

t.test('a model that finds nothing more, or always too little, comes to an end', async t => {
  const silent = recognizer(0)
  t.same(await recognizeWords(silent, sound([15, 0.3]), 'es'), { language: 'es', words: [] })
  t.equal(silent.calls.length, 1)
  const music = recognizer(5, 0)
  t.equal((await recognizeWords(music, sound([15, 0.3]), 'es')).words.length, 5)
  t.equal(music.calls.length, 2)
  const slow = recognizer(1, 1, 1, 1, 1, 1, 1)
  t.equal((await recognizeWords(slow, sound([15, 0.3]), 'es')).words.length, 4)
})

t.test('remarks about the sound are no sentences', async t => {
  const textsOf = (text: string) => {
    const words = text.split(' ').map((word, at) => ({ text: ` ${word}`, start: at, end: at + 1 }))
    return sentencesOf(words).map(sentence => sentence.text)
  }
  for (const remark of [
    '[MUSIC',
    '(laughing)',
    '*sighs*',
    '♪♪',
    '(soft music) (loud music)',
    '[A] (b) [C',
    '...',
  ])
    t.same(textsOf(remark), [], remark)
  for (const sentence of ['(laughing) Yes.', 'He left (alone)', '*Now* we go', 'a [b'])
    t.same(textsOf(sentence), [sentence])
  t.same(textsOf('Yes. (music) (more music)'), ['Yes.'])
})
