import { execFile } from 'node:child_process'
import { readFile, stat } from 'node:fs/promises'
import { promisify } from 'node:util'
import t from 'tap'
import { bigClip, type Container, clip, corruptClip, textFile } from './clips.ts'
import { decodeAudio } from './decode-audio.ts'
import { hearWords } from './tone-words.ts'

const run = promisify(execFile)
const words = [
  { word: 'apple', start: 0.5 },
  { word: 'moon', start: 1.21 },
]

interface Probe {
  readonly format: { readonly format_name: string; readonly duration?: string }
  readonly streams: { codec_type: string; codec_name: string; width?: number; height?: number }[]
}

async function probe(path: string): Promise<Probe> {
  const { stdout } = await run('ffprobe', [
    '-v',
    'error',
    '-of',
    'json',
    '-show_format',
    '-show_streams',
    path,
  ])
  return JSON.parse(stdout)
}

async function loudestSample(path: string): Promise<number> {
  return (await decodeAudio(path)).reduce((loudest, sample) => Math.max(loudest, Math.abs(sample)), 0)
}

const CODECS: Record<Container, { format: RegExp; codecs: string[] }> = {
  mp4: { format: /mp4/, codecs: ['aac', 'h264'] },
  mov: { format: /mov/, codecs: ['aac', 'h264'] },
  webm: { format: /webm/, codecs: ['opus', 'vp8'] },
  mkv: { format: /matroska/, codecs: ['aac', 'h264'] },
  mp3: { format: /mp3/, codecs: ['mp3'] },
  m4a: { format: /m4a/, codecs: ['aac'] },
  ogg: { format: /ogg/, codecs: ['opus'] },
  wav: { format: /wav/, codecs: ['pcm_s16le'] },
}

for (const [container, { format, codecs }] of Object.entries(CODECS)) {
  t.test(`a clip in ${container} holds ${codecs.join(' and ')}, and its words can be heard`, async t => {
    const path = await clip({ container: container as Container, words })
    const found = await probe(path)
    t.match(found.format.format_name, format)
    t.same(found.streams.map(({ codec_name }) => codec_name).sort(), codecs)
    const heard = hearWords(await decodeAudio(path))
    t.same(
      heard.map(({ word }) => word),
      ['apple', 'moon'],
    )
    for (const [i, { start, end }] of heard.entries()) {
      t.ok(Math.abs(start - words[i]!.start) <= 0.05, `starts at ${start}`)
      t.ok(Math.abs(end - words[i]!.start - 0.3) <= 0.05, `ends at ${end}`)
    }
  })
}

t.test('an MP4 and a QuickTime file are told apart by their brand', async t => {
  const brand = async (container: Container) =>
    (await readFile(await clip({ container, words }))).toString('latin1', 8, 12)
  t.equal(await brand('mp4'), 'isom')
  t.equal(await brand('mov'), 'qt  ')
})

t.test('a WebM is as a browser records it: without duration and cues', async t => {
  const path = await clip({ container: 'webm', words })
  t.equal((await probe(path)).format.duration, undefined)
  // The identifiers of Cues and of Duration, with the size byte that follows the latter (RFC 9559 §5.1).
  const bytes = await readFile(path)
  t.notOk(bytes.includes(Buffer.from([0x1c, 0x53, 0xbb, 0x6b])), 'no cues')
  t.notOk(bytes.includes(Buffer.from([0x44, 0x89, 0x88])), 'no duration')
})

t.test('size, length and streams are as they were asked for', async t => {
  const mute = await probe(await clip({ audio: 'none', seconds: 3, size: '320x240' }))
  t.match(mute.streams, [{ codec_type: 'video', width: 320, height: 240 }])
  t.equal(mute.streams.length, 1)
  t.equal(Number(mute.format.duration), 3)
  const unseen = await probe(await clip({ video: false, words }))
  t.same(
    unseen.streams.map(({ codec_type }) => codec_type),
    ['audio'],
  )
})

t.test('a silent clip has audio in which there is nothing', async t => {
  const path = await clip({ audio: 'silent', words })
  t.equal((await probe(path)).streams.length, 2)
  t.equal(await loudestSample(path), 0)
  t.ok((await loudestSample(await clip({ words }))) > 10_000, 'and one with words is loud')
})

t.test('a clip is made once, also by two at the same time', async t => {
  const recipe = { words: [{ word: 'river', start: 0.4 }] }
  const [one, other] = await Promise.all([clip(recipe), clip(recipe)])
  t.equal(one, other)
  t.match(hearWords(await decodeAudio(one)), [{ word: 'river' }])
  const made = await stat(one)
  t.equal(await clip(recipe), one)
  t.equal((await stat(one)).mtimeMs, made.mtimeMs)
})

t.test('corrupt clips: one with its index and noise for media, one without its index', async t => {
  const noisy = await corruptClip('media')
  t.equal((await probe(noisy)).streams.length, 2)
  await t.rejects(decodeAudio(noisy))
  await t.rejects(
    run('ffmpeg', ['-v', 'quiet', '-i', noisy, '-map', '0:v', '-f', 'framecrc', '-']),
    'no picture',
  )
  const cut = await corruptClip('index')
  await t.rejects(probe(cut), /moov atom not found/)
})

t.test('a text is no media', async t => {
  await t.rejects(probe(await textFile('mp4')))
})

t.test('a big clip is exactly as big as was asked for, and plays', async t => {
  const path = await bigClip(5_000_000, { words })
  t.equal((await stat(path)).size, 5_000_000)
  t.equal((await probe(path)).streams.length, 2)
  t.match(hearWords(await decodeAudio(path)), [{ word: 'apple' }, { word: 'moon' }])
  await t.rejects(bigClip(1000), /too small/)
})
