import t from 'tap'
import { peaksOf, samplesPerPair } from '../../src/processing/media/peaks.ts'

t.test('a waveform has at most two thousand pairs, even if the audio is longer than expected', async t => {
  for (const duration of [0.5, 10, 3600, 36_000]) {
    const samples = samplesPerPair(duration, 16_000)
    t.ok((duration * 16_000) / samples <= 2000, `${duration} s`)
  }
  t.equal(samplesPerPair(0, 16_000), 16_000, 'a pair covers one second if the duration is unknown')
  const levels = Array.from({ length: 4500 }, (_, index) => (index === 4400 ? 1 : 0.1))
  const peaks = peaksOf(
    levels.map(level => -level),
    levels,
    100,
    16_000,
  )
  t.match(peaks, {
    version: 2,
    channels: 1,
    sample_rate: 16_000,
    samples_per_pixel: 300,
    bits: 8,
    length: 1500,
  })
  t.equal(peaks.data.length, 3000)
  t.same(peaks.data.slice(0, 2), [-13, 13])
  t.same(peaks.data.slice(2 * 1466, 2 * 1467), [-127, 127], 'merged groups keep their extremes')
})

t.test('levels beyond full scale are clipped, and no samples give no pairs', async t => {
  t.same(peaksOf([-1.5], [1.5], 256, 16_000).data, [-128, 127])
  t.match(peaksOf([], [], 256, 16_000), { length: 0, data: [] })
})
