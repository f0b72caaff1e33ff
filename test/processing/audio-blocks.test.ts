import t from 'tap'
import { BlockHasher, hashOfBlocks } from '../../src/processing/media/audio-blocks.ts'

const stereo = (sampleRate: number) => [{ index: 0, sampleRate, channels: 2 }]

/** Noise in two channels, the same for the same seed. */
function noise(frames: number, seed = 1): Int16Array {
  let state = seed
  return Int16Array.from({ length: 2 * frames }, () => {
    state = (state * 48_271) % 2_147_483_647
    return (state % 8000) + 1000
  })
}

function blocksOf(samples: Int16Array, sampleRate = 48_000, piece = samples.byteLength, seconds?: number) {
  const hasher = new BlockHasher(stereo(sampleRate))
  const bytes = Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength)
  for (let at = 0; at < bytes.length; at += piece) hasher.add(bytes.subarray(at, at + piece))
  return hasher.finish(seconds)
}

const joined = (...parts: Int16Array[]) => Int16Array.from(parts.flatMap(part => [...part]))
const silence = (frames: number) => new Int16Array(2 * frames)

t.test('silence before or after the audio changes no hash, and the start of the audio is known', async t => {
  const sound = noise(48_000)
  const hash = hashOfBlocks(blocksOf(sound)!, 0, 1)
  for (const frames of [1, 1024, 1105, 4800, 100_000]) {
    const blocks = blocksOf(joined(silence(frames), sound, silence(frames)))!
    t.equal(blocks.origin, frames / 48_000)
    t.equal(hashOfBlocks(blocks, blocks.origin, 1 + 2 * blocks.origin), hash, `${frames}`)
  }
  t.equal(blocksOf(silence(48_000)), undefined)
})

t.test('each block has its own samples, whatever the sample rate and the sizes of the chunks', async t => {
  for (const rate of [8000, 11_025, 22_050, 44_100, 48_000]) {
    const sound = noise(rate * 3)
    const whole = blocksOf(sound, rate)!
    t.equal(Buffer.from(whole.hashes, 'base64').length, 8 * 30, `${rate}`)
    for (const piece of [1, 7, 4093, 65_536].slice(rate > 10_000 ? 2 : 0))
      t.same(blocksOf(sound, rate, piece), whole)
    const longer = blocksOf(joined(sound, noise(rate, 2)), rate)!
    t.equal(hashOfBlocks(longer, 0, 3), hashOfBlocks(whole, 0, 3))
    t.not(hashOfBlocks(longer, 0, 3.1), hashOfBlocks(whole, 0, 3))
    t.not(hashOfBlocks(longer, 0.1, 3), hashOfBlocks(whole, 0, 3))
  }
})

t.test('another sample changes only the hash of its own block', async t => {
  const sound = noise(48_000)
  const before = blocksOf(sound)!
  const last = sound.length - 1
  sound[last]!++
  const after = blocksOf(sound)!
  t.equal(hashOfBlocks(after, 0, 0.9), hashOfBlocks(before, 0, 0.9))
  t.not(hashOfBlocks(after, 0, 1), hashOfBlocks(before, 0, 1))
  t.not(hashOfBlocks(after, 0.9, 1), hashOfBlocks(before, 0.9, 1))
  const shorter = blocksOf(sound.subarray(0, -100))!
  t.not(hashOfBlocks(shorter, 0, 1), hashOfBlocks(after, 0, 1), 'an incomplete last block counts')
})

t.test('samples of an unexpected format are not hashed', async t => {
  const sound = noise(48_000)
  t.ok(blocksOf(sound, 48_000, undefined, 1))
  t.equal(blocksOf(sound, 24_000, undefined, 1), undefined)
  t.equal(blocksOf(sound, 48_000, undefined, 0.5), undefined)
})
