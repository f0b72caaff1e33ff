import { setImmediate } from 'node:timers/promises'
import t from 'tap'
import { renderSrt, renderVtt } from '../../src/videos/transcripts/captions.ts'
import { lengthOf, offThread } from '../../src/videos/transcripts/off-thread.ts'
import { retime, withKnownWords } from '../../src/videos/transcripts/retime.ts'
import { failure } from '../support/failure.ts'

/** Words that repeat, in another order for each seed, which makes comparing them long. */
function talk(words: number, seed: number): string {
  let state = seed
  const random = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state
  }
  return Array.from({ length: words }, () => `w${random() % 400}`).join(' ')
}

const long = talk(150_000, 1)
const segments = [{ start: 0, end: 3600, text: long }]

t.test('other work goes on while the longest texts are worked on, and the results are the same', async t => {
  const other = talk(150_000, 2)
  const calls = {
    retime: [() => offThread('a', long.length, 'retime', segments, other), () => retime(segments, other)],
    withKnownWords: [
      () => offThread('a', long.length, 'withKnownWords', segments, segments),
      () => withKnownWords(segments, segments),
    ],
    renderVtt: [() => offThread('a', long.length, 'renderVtt', segments), () => renderVtt(segments)],
    renderSrt: [() => offThread('a', long.length, 'renderSrt', segments), () => renderSrt(segments)],
  } as const
  for (const [name, [apart, here]] of Object.entries(calls)) {
    let [turns, done] = [0, false]
    const result = apart().finally(() => {
      done = true
    })
    while (!done) {
      await setImmediate()
      turns++
    }
    // Without times of words there is nothing to compare.
    if (name !== 'withKnownWords') t.ok(turns > 100, `${name}: ${turns} turns of the event loop`)
    t.same(await result, here(), name)
  }
})

t.test('short texts are not sent anywhere', async t => {
  const short = [{ start: 0, end: 1, text: 'hello' }]
  t.equal(await offThread('a', lengthOf(short), 'renderVtt', short), renderVtt(short))
})

t.test('owners take turns, and one has so many texts at a time and no more', async t => {
  const order: string[] = []
  const work = (owner: string) =>
    offThread(owner, long.length, 'renderVtt', segments).then(() => void order.push(owner))
  const all = [...Array.from({ length: 8 }, () => work('a'))]
  t.match(await failure(work('a')), { status: 429, code: 'too_many_texts' })
  all.push(work('b'), work('c'))
  await Promise.all(all)
  t.ok(order.indexOf('b') <= 3 && order.indexOf('c') <= 3, order.join(''))
  await work('a')
})

t.test('an error ends one text', async t => {
  const broken = [{ start: 0, end: 1, text: undefined as unknown as string }]
  t.match(await failure(offThread('a', 1e6, 'renderVtt', broken)), { name: 'TypeError' })
  t.match(await offThread('a', 1e6, 'renderVtt', segments.slice(0, 0)), /^WEBVTT/)
})
