import { execFile, execFileSync } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import type { TranscriptSegment } from '../../src/database/tables/transcripts.ts'
import { cuesOf, renderSrt, renderVtt } from '../../src/videos/transcripts/captions.ts'
import { throwAwayDirectory } from '../support/throw-away-directory.ts'

const segment = (start: number, end: number, text = 'x', speaker?: string): TranscriptSegment => ({
  ...{ start, end, text },
  ...(speaker !== undefined && { speaker }),
})
const directory = throwAwayDirectory('captions')

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
const linesOf = (...segments: TranscriptSegment[]) => cuesOf(segments).map(({ lines }) => lines.join(' | '))

t.test('renders WebVTT and SubRip', async t => {
  const segments = [segment(0, 1.5, 'apple bread'), segment(3661.25, 3662.5, 'cloud')]
  t.equal(
    renderVtt(segments),
    'WEBVTT\n\n00:00:00.000 --> 00:00:01.500\napple bread\n\n01:01:01.250 --> 01:01:02.500\ncloud\n',
  )
  t.equal(
    renderSrt(segments),
    '1\n00:00:00,000 --> 00:00:01,500\napple bread\n\n2\n01:01:01,250 --> 01:01:02,500\ncloud\n',
  )
})

t.test('who speaks is a voice in WebVTT, and stands before the text in SubRip', async t => {
  const long = 'This is a sentence that takes the whole of a cue, and then there is another one behind it.'
  const segments = [
    segment(0, 1, 'Hello.', 'Ann'),
    segment(2, 9, long, 'Dr. Lee'),
    segment(9, 10, 'Oh.', ' '),
  ]
  t.equal(
    renderVtt(segments),
    [
      'WEBVTT\n',
      '00:00:00.000 --> 00:00:01.000\n<v Ann>Hello.</v>\n',
      '00:00:02.000 --> 00:00:05.792\n<v Dr. Lee>This is a sentence that\ntakes the whole of a cue,</v>\n',
      '00:00:05.792 --> 00:00:09.000\n<v Dr. Lee>and then there is another one behind it.</v>\n',
      '00:00:09.000 --> 00:00:10.000\nOh.\n',
    ].join('\n'),
  )
  const srt = renderSrt(segments)
  t.match(srt, '1\n00:00:00,000 --> 00:00:01,000\nAnn: Hello.\n\n2\n00:00:02,000 --> ')
  t.match(srt, '\nDr. Lee: This is a sentence\nthat takes the whole of a cue,\n')
  t.equal(srt.match(/Dr\. Lee:/g)!.length, 1, 'once a segment')
  t.match(srt, '\n00:00:09,000 --> 00:00:10,000\nOh.\n')
  const words = [{ start: 3, end: 4, text: 'late' }]
  const [cue] = cuesOf([{ start: 0, end: 4, text: 'late', words, speaker: 'Ann' }])
  t.same(cue, { start: 3000, end: 4000, lines: ['late'], speaker: 'Ann' })
  t.equal(renderSrt([segment(0, 1, ' ', 'Ann')]), '', 'a name alone is nothing to show')
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
    t.match(renderSrt([segment(Math.max(0, seconds - 5), seconds)]), / --> /)
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

t.test('a long text parts at the ends of sentences, at commas, and in the middle of lines last', async t => {
  const long =
    'We met on Monday, and everybody was there. Nobody had expected that so many people would come to a talk about captions, but they did.'
  t.same(linesOf(segment(0, 12, long)), [
    'We met on Monday, and everybody was there.',
    'Nobody had expected that so many people | would come to a talk about captions,',
    'but they did.',
  ])
  t.same(linesOf(segment(0, 2, 'Yes. No. Maybe.')), ['Yes. No. Maybe.'], 'a short one stays whole')
})

t.test('text without spaces has lines too, and a word that is longer than one is parted', async t => {
  const chinese =
    '我们星期一见面，大家都来了。没有人想到会有这么多人来听一个关于字幕的讲座，但是他们真的来了，而且都很高兴，所以我们决定下个月再来一次，请大家都来参加。'
  const cues = cuesOf([segment(0, 30, chinese)])
  t.equal(cues.flatMap(({ lines }) => lines).join(''), chinese)
  t.ok(cues.length > 1)
  const url = `https://example.com/${'a'.repeat(200)}`
  t.equal(
    linesOf(segment(0, 10, url))
      .join('')
      .replaceAll(' | ', ''),
    url,
  )
})

t.test('cues follow the times of words, and none stands through a long pause', async t => {
  const words = [
    { start: 10, end: 10.5, text: 'before' },
    { start: 15, end: 15.5, text: 'after' },
    { start: 15.6, end: 16, text: 'it' },
  ]
  t.same(cuesOf([{ start: 10, end: 16, text: 'Before; after it.', words }]), [
    { start: 10_000, end: 11_000, lines: ['Before;'] },
    { start: 15_000, end: 16_000, lines: ['after it.'] },
  ])
  t.same(cuesOf([segment(0, 60, 'hm')]), [{ start: 0, end: 7000, lines: ['hm'] }], 'nor for a minute')
  t.same(
    cuesOf([segment(1, 1.2, 'Yes.'), segment(1.4, 3, 'No.')]).map(({ start, end }) => [start, end]),
    [
      [1000, 1400],
      [1400, 3000],
    ],
    'a short one stands as long as the next lets it',
  )
})

/** Texts that try to be something else, and texts of all scripts, at times of all kinds; the same in every run. */
function hostileSegments(count: number): TranscriptSegment[] {
  let state = 11
  const random = (below: number) => {
    state = (state * 48_271) % 2_147_483_647
    return state % below
  }
  const pieces = [
    '-->',
    'NOTE',
    'STYLE',
    'REGION',
    'WEBVTT',
    '\n\n',
    '\r',
    '\r\n\r\n',
    '\u2028',
    '\u0085',
    '\f',
    '00:00:00.000 --> 99:00:00.000 align:start',
    '1\n00:00:00,000 --> 00:00:09,000\nforged',
    '<b>',
    '</b>',
    '<v Bob>',
    '<00:00:01.000>',
    '<c.x>',
    '&amp;',
    '&lt;',
    '&',
    '{\\an8}',
    '{b}',
    '\\N',
    '\\h',
    '42',
    '\u202e',
    '\ufeff',
    'hello',
    'the',
    'world.',
    'Yes,',
    '今日は良い天気ですね。',
    'שלום',
    'مرحبا،',
    'สวัสดี',
    '👩‍👩‍👧',
    'e\u0301'.repeat(3),
    'x'.repeat(90),
  ]
  let at = 0
  return Array.from({ length: count }, () => {
    const text = Array.from({ length: 1 + random(30) }, () => pieces[random(pieces.length)]!).join(
      random(4) ? ' ' : '',
    )
    const start = at + random(100) / 10
    at = start + random(150) / 10
    const speaker = Array.from({ length: random(4) }, () => pieces[random(pieces.length)]!).join(' ')
    return segment(start, at, text, speaker)
  }).filter(({ text }) => text.trim() !== '')
}

t.test('every cue keeps to two lines of 42 characters and 7 s, and no word is lost', async t => {
  const segments = hostileSegments(2000)
  const cues = cuesOf(segments)
  let before = 0
  for (const { start, end, lines } of cues) {
    if (lines.length < 1 || lines.length > 2 || lines.some(line => line.length > 42 || line.trim() === ''))
      t.fail(JSON.stringify(lines))
    if (!(start >= before && end > start && end - start <= 7000)) t.fail(`${start} to ${end}`)
    before = start
  }
  const letters = (texts: string[]) => texts.join('').replaceAll(/[\s\p{Cc}\ufeff]+/gu, '')
  t.equal(letters(cues.flatMap(({ lines }) => lines)), letters(segments.map(({ text }) => text)))
})

t.test('a browser reads the same cues, as text', async t => {
  const segments = hostileSegments(300)
  // Its script tells the page what the browser's own parser made of the captions.
  const page = `<!doctype html><meta charset=utf-8><video></video><script>
    const track = document.createElement('track')
    track.default = true
    track.src = URL.createObjectURL(new Blob([${JSON.stringify(renderVtt(segments)).replaceAll('<', '\\u003c')}], { type: 'text/vtt' }))
    track.onload = () => {
      const read = [...track.track.cues].map(cue => ({
        start: Math.round(cue.startTime * 1000), end: Math.round(cue.endTime * 1000),
        text: cue.getCueAsHTML().textContent, align: cue.align,
        elements: [...cue.getCueAsHTML().querySelectorAll('*')].map(({ localName, title }) => [localName, title]) }))
      document.body.textContent = 'READ' + encodeURIComponent(JSON.stringify(read)) + 'END'
    }
    document.querySelector('video').append(track)
    track.track.mode = 'showing'
  </script>`
  const path = join(directory, 'captions.html')
  await writeFile(path, page)
  const flags = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage']
  const profile = `--user-data-dir=${join(directory, 'profile')}`
  const wait = '--virtual-time-budget=20000'
  const { stdout } = await promisify(execFile)(
    'chromium',
    [...flags, profile, wait, '--dump-dom', `file://${path}`],
    { maxBuffer: 2 ** 28, timeout: 300_000 },
  )
  const read = JSON.parse(decodeURIComponent(/READ(.*)END/.exec(stdout)?.[1] ?? '[]'))
  t.same(
    read,
    cuesOf(segments).map(({ start, end, lines, speaker }) => ({
      start,
      end,
      text: lines.join('\n'),
      elements: speaker === undefined ? [] : [['span', speaker]],
      align: 'center',
    })),
  )
})

t.test('ffmpeg reads the same SubRip, without a style in it', async t => {
  const segments = hostileSegments(300)
  const [srt, ass] = [join(directory, 'captions.srt'), join(directory, 'captions.ass')]
  await writeFile(srt, renderSrt(segments))
  execFileSync('ffmpeg', ['-v', 'error', '-y', '-i', srt, ass])
  const dialogues = (await readFile(ass, 'utf8')).split(/\r?\n/).filter(line => line.startsWith('Dialogue:'))
  const texts = dialogues.map(line => line.split(',').slice(9).join(','))
  const cues = renderSrt(segments)
    .split('\n\n')
    .map(cue => cue.trim().split('\n').slice(2))
  t.equal(texts.length, cues.length)
  t.same(
    texts.filter(text => /[{}<>]|\\[^N]/.test(text)),
    [],
  )
  for (const [index, lines] of cues.entries())
    t.equal(texts[index]!.split('\\N').length, lines.length) || t.comment(texts[index], lines)
})

t.test('text stays text', async t => {
  const hostile = 'a --> b <b>&amp;</b>\n\n{\\an8}C:\\New'
  t.equal(
    renderVtt([segment(0, 4, hostile)]),
    'WEBVTT\n\n00:00:00.000 --> 00:00:04.000\na --&gt; b &lt;b&gt;&amp;amp;&lt;/b&gt; {\\an8}C:\\New\n',
  )
  t.equal(
    renderSrt([segment(0, 4, hostile)]),
    '1\n00:00:00,000 --> 00:00:04,000\na → b ‹b›&amp;‹/b› (⧵an8)C:⧵New\n',
  )
})

t.test('blank segments are left out, and the rest is numbered on', async t => {
  const segments = [segment(0, 1, ''), segment(1, 2, 'a'), segment(2, 3, ' \n\t\u00a0'), segment(3, 4, ' b ')]
  t.match(renderSrt(segments), /^1\n.*\na\n\n2\n.*\nb\n$/)
  t.equal(times(renderVtt(segments)).length, 2)
})
