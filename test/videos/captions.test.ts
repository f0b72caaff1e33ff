import t from 'tap'
import { renderSrt, renderVtt } from '../../src/videos/captions.ts'

const segment = (start: number, end: number, text = 'x') => ({ start, end, text })
/** The times of all cues, in milliseconds. */
const times = (captions: string) =>
  [...captions.matchAll(/^(\S+) --> (\S+)$/gm)].map(([, ...both]) =>
    both.map(time => {
      const [, hours, minutes, seconds, ms] = /^(\d{2,}):([0-5]\d):([0-5]\d)[.,](\d{3})$/
        .exec(time!)!
        .map(Number)
      return ((hours! * 60 + minutes!) * 60 + seconds!) * 1000 + ms!
    }),
  )

t.test('renders WebVTT and SubRip', async t => {
  const segments = [segment(0, 1.5, 'apple bread'), segment(3661.25, 3662, 'cloud')]
  t.equal(
    renderVtt(segments),
    'WEBVTT\n\n00:00:00.000 --> 00:00:01.500\napple bread\n\n01:01:01.250 --> 01:01:02.000\ncloud\n',
  )
  t.equal(
    renderSrt(segments),
    '1\n00:00:00,000 --> 00:00:01,500\napple bread\n\n2\n01:01:01,250 --> 01:01:02,000\ncloud\n',
  )
})

t.test('no segments are no cues', async t => {
  t.equal(renderVtt([]), 'WEBVTT\n')
  t.equal(renderSrt([]), '')
})

t.test('what is rounded up carries', async t => {
  const rounded: [seconds: number, time: string][] = [
    [0.9996, '00:00:01.000'],
    [59.9994, '00:00:59.999'],
    [59.9996, '00:01:00.000'],
    [3599.9996, '01:00:00.000'],
    [35_999.9999, '10:00:00.000'],
    [36_000, '10:00:00.000'],
    [360_000 + 59 * 60 + 59.001, '100:59:59.001'],
  ]
  for (const [seconds, time] of rounded) {
    t.match(renderVtt([segment(seconds, seconds + 10)]), `\n${time} --> `)
    t.match(renderSrt([segment(0, seconds)]), ` --> ${time.replace('.', ',')}\n`)
  }
})

t.test('a cue ends behind its start, whatever the times are', async t => {
  const odd = [
    segment(5, 5),
    segment(5, 4),
    segment(5, -1),
    segment(0, 0),
    segment(1.0004, 1.00041),
    segment(59.9999, 60),
  ]
  const halves = Array.from({ length: 20_000 }, (_, n) => segment(n * 1.7 + 0.0005, 0))
  for (const [start, end] of times(renderVtt([...odd, ...halves]))) {
    if (end! <= start!) t.fail(`${start} to ${end}`)
  }
  t.equal(times(renderSrt([...odd, ...halves])).length, odd.length + halves.length)
})

t.test('text stays text in WebVTT', async t => {
  const hostile = 'a --> b <b>&amp;</b>\n\n00:00:00.000 --> 99:00:00.000 align:start\r\nNOTE\u2028x\tSTYLE'
  const vtt = renderVtt([segment(0, 1, hostile), segment(1, 2, 'next')])
  t.equal(vtt.split('-->').length - 1, 2)
  const [, text] = /\n(.*)\n\n00:00:01/.exec(vtt)!
  t.equal(
    text,
    'a --&gt; b &lt;b&gt;&amp;amp;&lt;/b&gt; 00:00:00.000 --&gt; 99:00:00.000 align:start NOTE x STYLE',
  )
})

t.test('text stays text in SubRip', async t => {
  const srt = renderSrt([
    segment(0, 1, 'a --> b <i>c</i> & d\n\n2\n00:00:00,000 --> 00:00:09,000\nforged'),
    segment(1, 2),
  ])
  t.equal(times(srt).length, 2)
  t.notMatch(srt, /[<]|-->.*-->/)
  t.match(srt, '\na → b ‹i›c‹/i› & d 2 00:00:00,000 → 00:00:09,000 forged\n\n2\n')
})

t.test('blank segments are left out, and the rest is numbered on', async t => {
  const segments = [segment(0, 1, ''), segment(1, 2, 'a'), segment(2, 3, ' \n\t\u00a0'), segment(3, 4, ' b ')]
  t.match(renderSrt(segments), /^1\n.*\na\n\n2\n.*\nb\n$/)
  t.equal(times(renderVtt(segments)).length, 2)
})
