import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { probe } from '../../src/processing/media/probe.ts'
import type { MadeFile, StepResult } from '../../src/processing/step.ts'
import { EMBEDDED_FORMATS, type StoredCue } from '../../src/videos/transcripts/embedded-captions.ts'
import { runStep } from '../support/run-step.ts'
import { throwAwayDirectory } from '../support/throw-away-directory.ts'

const directory = throwAwayDirectory('embedded-captions')
const run = promisify(execFile)
const FILM = ['-f', 'lavfi', '-i', 'testsrc2=size=160x120:rate=5:duration=6']
const H264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p']

async function file(name: string, text: string): Promise<string> {
  const path = join(directory, name)
  await writeFile(path, text)
  return path
}

async function make(name: string, ...args: string[]): Promise<string> {
  const path = join(directory, name)
  await run('ffmpeg', ['-v', 'error', '-y', ...args, '-threads', '1', path])
  return path
}

interface Probed extends Omit<StepResult, 'files'> {
  readonly captions: Readonly<Record<string, StoredCue[]>>
}

/** The result of `probe`, and the cues of each subtitle track by its index. */
async function probed(path: string): Promise<Probed> {
  const captions: Record<string, StoredCue[]> = {}
  const keep = async (made: MadeFile) => {
    if (made.kind === 'captions') captions[made.variant!] = JSON.parse(await readFile(made.path, 'utf8'))
  }
  const step = {
    ...probe,
    run: async (context: Parameters<typeof probe.run>[0]) => {
      const result = await probe.run(context)
      for (const made of result.files ?? []) await keep(made)
      return result
    },
  }
  return { ...(await runStep(step, path, { facts: { streams: [] } as never })), captions }
}

const PLAIN =
  '1\n00:00:00,500 --> 00:00:01,500\nGood <i>morning</i>\nto you\n\n2\n00:00:02,000 --> 00:00:04,000\nGrüße {here}\n'
const CUES = [
  [500, 1500, 'Good morning', 'to you'],
  [2000, 4000, 'Grüße {here}'],
]

t.test('subtitles of every text format become the same cues', async t => {
  const srt = await file('plain.srt', PLAIN)
  const formats: Record<string, string[]> = {
    'srt.mkv': ['-c:s', 'srt'],
    'ass.mkv': ['-c:s', 'ass'],
    'webvtt.mkv': ['-c:s', 'webvtt'],
    'mov_text.mp4': ['-c:s', 'mov_text'],
    'mov_text.mov': ['-c:s', 'mov_text'],
    'webvtt.webm': ['-c:v', 'libvpx', '-deadline', 'realtime', '-c:s', 'webvtt'],
  }
  // In this format, braces contain comments.
  const commented = [CUES[0], [2000, 4000, 'Grüße']]
  for (const [name, args] of Object.entries(formats)) {
    const path = await make(name, ...FILM, '-i', srt, '-map', '0', '-map', '1', ...H264, ...args)
    t.same((await probed(path)).captions, { 1: name === 'ass.mkv' ? commented : CUES }, name)
  }
})

t.test('hostile subtitles stay text, and damaged or non-text subtitles are left out', async t => {
  const hostile = await file(
    'hostile.srt',
    '1\n00:00:00,500 --> 00:00:01,000\n<script>alert(1)</script> --> & {\\an8}<v Eve>x</c>\n\n2\n00:00:01,000 --> 00:00:02,000\n<b></b>\n',
  )
  const ass = await file(
    'drawn.ass',
    [
      '[Script Info]\nScriptType: v4.00+\n\n[V4+ Styles]\nFormat: Name, Fontname\nStyle: Default,Arial\n\n[Events]',
      'Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text',
      'Dialogue: 0,0:00:01.00,0:00:02.00,Default,,0,0,0,,{\\p1}m 0 0 l 100 0{\\p0}{\\i1}Said{\\i0}, with commas\\N\\N00:00 --> 00:01',
      'Dialogue: 0,0:00:03.00,0:00:03.00,Default,,0,0,0,,Never shown',
      '',
    ].join('\n'),
  )
  const path = await make(
    'hostile.mkv',
    ...[...FILM, '-i', hostile, '-i', ass, '-i', hostile, '-map', '0', '-map', '1', '-map', '2', ...H264],
    ...['-c:s:0', 'srt', '-c:s:1', 'copy'],
  )
  const { captions } = await probed(path)
  t.same(captions[2], [[1000, 2000, 'Said, with commas', '00:00 --> 00:01']])
  const vtt = EMBEDDED_FORMATS.vtt.render(captions[1]!)
  t.match(vtt, /^WEBVTT\n\n00:00:00\.500 --> 00:00:01\.000\n.*alert\(1\)/)
  t.equal(vtt.match(/-->/g)?.length, 1, 'there is no second cue')
  t.notMatch(vtt.replace(/^.*-->.*$/gm, ''), /[<>]|-->/)
  t.notMatch(EMBEDDED_FORMATS.srt.render(captions[1]!).replace(/^.*-->.*$/gm, ''), /[<>{}]|-->/)
})

t.test('chapters have times and titles', async t => {
  const meta = await file(
    'chapters.txt',
    [
      ';FFMETADATA1',
      '[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=2000\ntitle=Beginning <b>',
      '[CHAPTER]\nTIMEBASE=1/1000\nSTART=2000\nEND=9000\ntitle=',
      '[CHAPTER]\nTIMEBASE=1/1000\nSTART=20000\nEND=30000\ntitle=Behind the end',
      '',
    ].join('\n'),
  )
  for (const name of ['chapters.mkv', 'chapters.mp4']) {
    const path = await make(name, ...FILM, '-i', meta, '-map_metadata', '1', ...H264)
    t.same(
      (await probed(path)).facts?.chapters,
      [
        { start: 0, end: 2, title: 'Beginning <b>' },
        { start: 2, end: 6, title: 'Chapter 2' },
      ],
      name,
    )
  }
})
